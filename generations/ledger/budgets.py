"""Budgets: what may still be held this month, in the studio, a project and by a person; set and paused by people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import F, Q, QuerySet

from generations.accounts import audit
from generations.accounts.models import User
from generations.ledger import marks
from generations.ledger.models import Budget, BudgetMonth, Currency, Hold
from generations.projects.models import Project


class OverBudget(Exception):
    """A hold that would pass a limit; nothing was changed."""

    def __init__(self, month: BudgetMonth, needed_micros: int) -> None:
        super().__init__(f"{month.budget.key}: {needed_micros} needed, {month.left_micros} left")
        self.scope = Budget.Scope(month.budget.scope)
        self.currency = Currency(month.budget.currency)
        self.limit_micros = month.limit_micros or 0
        self.left_micros = month.left_micros or 0
        self.needed_micros = needed_micros


class Paused(Exception):
    """Somebody has paused the studio, the project or the person: nothing is held for them."""

    def __init__(self, budget: Budget) -> None:
        super().__init__(budget.key)
        self.scope = Budget.Scope(budget.scope)


class LimitBelowUse(Exception):
    """A limit lower than what is already held and spent this month; nothing was changed."""

    def __init__(self, used_micros: int) -> None:
        super().__init__(f"{used_micros} used")
        self.used_micros = used_micros


def month_start(now: dt.datetime) -> dt.date:
    """The first day of now's month in UTC: the period of a budget."""
    return now.astimezone(dt.UTC).date().replace(day=1)


def budgets_for(project: Project, user: User, currency: Currency) -> list[Budget]:
    """The three budgets that bound a hold, always in this order: that is the lock order."""
    return [
        budget_of(Budget.Scope.STUDIO, currency),
        budget_of(Budget.Scope.PROJECT, currency, project=project),
        budget_of(Budget.Scope.USER, currency, user=user),
    ]


def budget_of(
    scope: Budget.Scope, currency: Currency, *, project: Project | None = None, user: User | None = None
) -> Budget:
    """The standing budget of the studio, of this project or of this person; made when there is none."""
    owner = project or user
    key = f"{scope}:{owner.pk}:{currency}" if owner else f"{scope}:{currency}"
    rows = Budget.objects.get_or_create(
        key=key, defaults={"scope": scope, "project": project, "user": user, "currency": currency}
    )
    return rows[0]


def months_for(project: Project, user: User, currency: Currency, month: dt.date) -> list[BudgetMonth]:
    return [
        BudgetMonth.objects.select_related("budget").get_or_create(
            budget=budget, month=month, defaults={"limit_micros": budget.limit_micros}
        )[0]
        for budget in budgets_for(project, user, currency)
    ]


def months_of(hold: Hold) -> list[BudgetMonth]:
    """The months in which this hold stands, in lock order."""
    return months_for(hold.project, hold.user, Currency(hold.currency), hold.month)


def reserve(months: Iterable[BudgetMonth], amount_micros: int, column: str) -> None:
    """Adds the amount to a column (held_micros, spent_micros) of every month where it fits, by one guarded UPDATE each.

    Raises OverBudget at the first that has no room: the caller's transaction must then roll back.
    """
    used = F("held_micros") + F("spent_micros") + F("overrun_micros") + amount_micros
    for month in months:
        room = Q(limit_micros=None) | Q(limit_micros__gte=used)
        if BudgetMonth.objects.filter(room, pk=month.pk).update(**{column: F(column) + amount_micros}) != 1:
            month.refresh_from_db()
            raise OverBudget(month, amount_micros)


def move(months: Iterable[BudgetMonth], **amounts_micros: int) -> None:
    """Adds to the columns of every month, limit or not: only for what a hold already covers, and for overruns."""
    for month in months:
        changes = {f"{name}_micros": F(f"{name}_micros") + amount for name, amount in amounts_micros.items()}
        BudgetMonth.objects.filter(pk=month.pk).update(**changes)


def limit_of(project: Project, currency: Currency) -> int | None:
    """The project's standing monthly limit in millionths, or None."""
    found = Budget.objects.filter(key=f"project:{project.pk}:{currency}").values_list("limit_micros", flat=True)
    return found.first()


def month_of(project: Project, currency: Currency, now: dt.datetime) -> BudgetMonth:
    """The project's figures of this month; an unsaved row of zeros while there are none."""
    month, key = month_start(now), f"project:{project.pk}:{currency}"
    found = BudgetMonth.objects.select_related("budget").filter(budget__key=key, month=month).first()
    return found or BudgetMonth(month=month, limit_micros=limit_of(project, currency))


def refuse_paused(months: Iterable[BudgetMonth]) -> None:
    """Raises Paused when one of them is."""
    for month in months:
        if month.budget.paused_at:
            raise Paused(month.budget)


def pause_on(project: Project, user: User, currency: Currency) -> Budget | None:
    """The budget whose pause keeps this person's jobs in this project from being sent, if there is one."""
    return _bounding(project, user, currency).filter(paused_at__isnull=False).first()


def ask_above(project: Project, user: User, currency: Currency) -> Budget | None:
    """The budget with the lowest amount above which this person needs approval in this project, if there is one."""
    bounding = _bounding(project, user, currency).filter(ask_above_micros__isnull=False)
    return bounding.order_by("ask_above_micros").first()


def _bounding(project: Project, user: User, currency: Currency) -> QuerySet[Budget]:
    """Those of the three budgets that have been made, without making any."""
    keys = [f"studio:{currency}", f"project:{project.pk}:{currency}", f"user:{user.pk}:{currency}"]
    return Budget.objects.filter(key__in=keys)


def set_project_limit(project: Project, currency: Currency, limit_micros: int | None, now: dt.datetime) -> None:
    """Raises LimitBelowUse."""
    set_limit(budget_of(Budget.Scope.PROJECT, currency, project=project), limit_micros, now)


def set_limit(budget: Budget, limit_micros: int | None, now: dt.datetime) -> None:
    """Sets the monthly limit, from this month on. Raises LimitBelowUse when this month has already used more."""
    with transaction.atomic():
        Budget.objects.filter(pk=budget.pk).update(limit_micros=limit_micros)
        row, _ = BudgetMonth.objects.get_or_create(
            budget=budget, month=month_start(now), defaults={"limit_micros": None}
        )
        used = F("held_micros") + F("spent_micros") + F("overrun_micros")
        same = BudgetMonth.objects.filter(pk=row.pk)
        fits = same if limit_micros is None else same.annotate(used=used).filter(used__lte=limit_micros)
        if fits.update(limit_micros=limit_micros) != 1:
            row.refresh_from_db()
            raise LimitBelowUse(row.used_micros)
        marks.note([row], now)
        _record("limit", budget, {"micros": budget.limit_micros}, {"micros": limit_micros}, now)


@transaction.atomic
def set_ask_above(budget: Budget, ask_above_micros: int | None, now: dt.datetime) -> None:
    """From now on a job whose estimate is above this waits for approval; None: nobody need ask."""
    Budget.objects.filter(pk=budget.pk).update(ask_above_micros=ask_above_micros)
    _record("ask_above", budget, {"micros": budget.ask_above_micros}, {"micros": ask_above_micros}, now)


@transaction.atomic
def pause(budget: Budget, actor: User, now: dt.datetime) -> None:
    """No new holds and nothing sent, until `resume`; what the relay has already goes on. Twice is harmless."""
    if Budget.objects.filter(pk=budget.pk, paused_at=None).update(paused_at=now, paused_by=actor):
        _record("pause", budget, {"paused": False}, {"paused": True}, now, actor)


@transaction.atomic
def resume(budget: Budget, now: dt.datetime) -> None:
    if Budget.objects.filter(pk=budget.pk, paused_at__isnull=False).update(paused_at=None, paused_by=None):
        _record("pause", budget, {"paused": True}, {"paused": False}, now)


def _record(
    what: str,
    budget: Budget,
    before: dict[str, int | bool | None],
    after: dict[str, int | bool | None],
    now: dt.datetime,
    actor: User | None = None,
) -> None:
    whose = budget.project.slug if budget.project else budget.user.email if budget.user else ""
    about = f"{budget.scope} {whose} {budget.currency}".replace("  ", " ")
    audit.record(f"budget.{what}", about=about, before=before, after=after, now=now, actor=actor)
