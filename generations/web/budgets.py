"""Budgets: what each may use a month, from which amount one asks, and the pause. For who looks after the money."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from generations.accounts.models import User
from generations.ledger import budgets as verbs
from generations.ledger import money
from generations.ledger.models import Budget, BudgetMark, BudgetMonth
from generations.ledger.sight import sees_all
from generations.projects.models import Project
from generations.web import access
from generations.web.composer_form import studio_currency
from generations.web.project_forms import LimitForm, read_amount
from generations.web.requests import Request
from generations.web.spend_filters import projects_of

type Owner = Project | User | None  # None: the studio


class BudgetForm(LimitForm):
    ask_above = forms.CharField(
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        label=gettext_lazy("Ask above"),
        help_text=gettext_lazy("A clip whose estimate is above this waits for a manager's approval. Empty: never."),
    )

    def clean_ask_above(self) -> int | None:
        return read_amount(self.cleaned_data["ask_above"])


@dataclass(frozen=True, slots=True)
class Row:
    """One budget as it stands this month, made in the database or not."""

    owner: Owner
    budget: Budget
    month: BudgetMonth
    may_set: bool = False

    @property
    def name(self) -> str:
        return str(self.owner or _("The studio"))

    @property
    def url(self) -> str:
        return address("budget", self.owner)

    @property
    def marks(self) -> list[int]:
        return [mark.percent for mark in self.month.marks.all()] if self.month.pk else []


def scope_of(owner: Owner) -> Budget.Scope:
    if owner is None:
        return Budget.Scope.STUDIO
    return Budget.Scope.PROJECT if isinstance(owner, Project) else Budget.Scope.USER


def address(name: str, owner: Owner) -> str:
    return reverse(name, args=[scope_of(owner).value, owner.pk if owner else 0])


def _key(owner: Owner) -> str:
    parts = [scope_of(owner).value, *([str(owner.pk)] if owner else []), studio_currency().value]
    return ":".join(parts)


def rows_for(owners: Iterable[Owner], now: dt.datetime, may_set: Callable[[Owner], bool]) -> list[Row]:
    """Two queries, however many."""
    keys = {_key(owner): owner for owner in owners}
    found = {budget.key: budget for budget in Budget.objects.filter(key__in=keys)}
    months = BudgetMonth.objects.filter(budget__in=found.values(), month=verbs.month_start(now))
    marked = months.prefetch_related(Prefetch("marks", BudgetMark.objects.order_by("percent")))
    of = {row.budget_id: row for row in marked}
    rows = []
    for key, owner in keys.items():
        budget = found.get(key) or Budget(key=key, scope=scope_of(owner), currency=studio_currency())
        month = of.get(budget.pk) or BudgetMonth(month=verbs.month_start(now), limit_micros=budget.limit_micros)
        rows.append(Row(owner, budget, month, may_set(owner)))
    return rows


@require_safe
def budgets(request: Request) -> HttpResponse:
    """The budgets that this person may see: all, or those of their projects and their own."""
    user, now = request.user, timezone.now()
    people = User.objects.filter(is_active=True).order_by("name", "email") if sees_all(user) else [user]

    def may_set(owner: Owner) -> bool:
        return access.may_set_budget(user, owner if isinstance(owner, Project) else None)

    page = {
        "currency": studio_currency(),
        "studio": rows_for([None], now, may_set) if sees_all(user) else [],
        "projects": rows_for(projects_of(user).active(), now, may_set),
        "people": rows_for(people, now, may_set),
    }
    return render(request, "spend/budgets.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
def budget(request: Request, scope: str, owner: int) -> HttpResponse:
    """One budget; POST sets its limit and the amount above which one asks."""
    whose = _owner(request.user, scope, owner)
    if request.method != "POST":
        return _page(request, whose)
    form, now = BudgetForm(request.POST, currency=studio_currency()), timezone.now()
    if form.is_valid() and _set(whose, form, now):
        messages.success(request, _("Saved."))
        return redirect(address("budget", whose))
    return _page(request, whose, form)


def _set(whose: Owner, form: BudgetForm, now: dt.datetime) -> bool:
    row = _made(whose)
    try:
        verbs.set_limit(row, form.cleaned_data["limit"], now)
    except verbs.LimitBelowUse as below:
        form.add_error("limit", below_use(below.used_micros))
        return False
    verbs.set_ask_above(row, form.cleaned_data["ask_above"], now)
    return True


def below_use(used_micros: int) -> str:
    told = {"used": money.show(used_micros, studio_currency())}
    return _("%(used)s is held or spent this month already. To stop more from being asked for, pause instead.") % told


def _made(whose: Owner) -> Budget:
    project = whose if isinstance(whose, Project) else None
    person = whose if isinstance(whose, User) else None
    return verbs.budget_of(scope_of(whose), studio_currency(), project=project, user=person)


@require_POST
def pause(request: Request, scope: str, owner: int) -> HttpResponse:
    """`paused` 1 pauses, 0 lets it go on: pressed twice is harmless."""
    whose = _owner(request.user, scope, owner)
    if request.POST.get("paused") == "1":
        verbs.pause(_made(whose), request.user, timezone.now())
    else:
        verbs.resume(_made(whose), timezone.now())
    return redirect(address("budget", whose))


def _owner(user: User, scope: str, owner: int) -> Owner:
    """Whose budget it is, for somebody who may set it. Raises Http404 for what they may not see, PermissionDenied."""
    if scope == Budget.Scope.PROJECT:
        project = projects_of(user).filter(pk=owner).first()
        if project is None:
            raise Http404
        access.require(access.may_set_budget(user, project))
        return project
    if scope == Budget.Scope.USER and (sees_all(user) or user.pk == owner):
        access.require(access.may_set_budget(user, None))
        if person := User.objects.filter(pk=owner).first():
            return person
    if scope == Budget.Scope.STUDIO and owner == 0:
        access.require(access.may_set_budget(user, None))
        return None
    raise Http404


def _page(request: Request, whose: Owner, form: BudgetForm | None = None) -> HttpResponse:
    row = rows_for([whose], timezone.now(), lambda owner: True)[0]
    page: dict[str, Any] = {
        "currency": studio_currency(),
        "row": row,
        "form": form or BudgetForm(currency=studio_currency(), initial=_initial(row.budget)),
        "action": row.url,
        "pause_url": address("budget_pause", whose),
    }
    return render(request, "spend/budget.html", page, status=422 if form else 200)


def _initial(row: Budget) -> dict[str, str]:
    return {"limit": _typed(row.limit_micros), "ask_above": _typed(row.ask_above_micros)}


def _typed(micros: int | None) -> str:
    """As a person would have typed it: 12.50, and all six places where they matter."""
    if micros is None:
        return ""
    whole = micros % 10_000 == 0
    return f"{Decimal(micros) / money.MICROS:.2f}" if whole else f"{Decimal(micros) / money.MICROS:.6f}"
