"""Adjustment: money put right by hand, with a reason; above an amount only when a second person confirms it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import ClassVar, Self

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import Case, F, Q, Sum, When
from django.utils.translation import gettext_lazy as _

from generations.accounts import audit
from generations.accounts.models import User
from generations.ledger import budgets, days, marks, sight
from generations.ledger.models import Account, BudgetMonth, Currency, Entry, Hold
from generations.projects.models import Project

SIGNED = Case(
    When(is_refund=True, then=-F("amount_micros")), default=F("amount_micros"), output_field=models.BigIntegerField()
)


class TooMuch(Exception):
    """More would be given back than was spent: nothing was changed. `left_micros` could be."""

    def __init__(self, left_micros: int) -> None:
        super().__init__(f"{left_micros} left")
        self.left_micros = left_micros


class SamePerson(Exception):
    """Who asked for it does not confirm it: nothing was changed."""


class Decided(Exception):
    """It was confirmed or withdrawn before: nothing was changed."""


class AdjustmentQuerySet(models.QuerySet["Adjustment"]):
    def visible_to(self, user: User) -> Self:
        """Those whose money this person may see."""
        return self.filter(sight.of(user))

    def posted(self) -> Self:
        return self.filter(state=Adjustment.State.POSTED)


class Adjustment(models.Model):
    """One amount added to or taken from what a person has spent in a project. Its entry is made when it is posted."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits for a second person")
        POSTED = "posted", _("Posted")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    key = models.CharField(max_length=64, unique=True)  # the form's own id: pressed twice it is one
    project = models.ForeignKey(Project, models.PROTECT, related_name="+")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")  # whose budget it counts in
    hold = models.ForeignKey(Hold, models.PROTECT, null=True, related_name="adjustments")  # of the job it puts right
    currency = models.CharField(max_length=3, choices=Currency)
    month = models.DateField()  # whose budgets it counts in: the hold's, else that in which it was asked for
    model = models.CharField(max_length=80, blank=True)
    resolution = models.CharField(max_length=10, blank=True)
    is_refund = models.BooleanField()  # True: less was spent than stood; False: more
    amount_micros = models.BigIntegerField()
    reason = models.CharField(max_length=300)
    needs_second = models.BooleanField()
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    objects: ClassVar[AdjustmentQuerySet] = AdjustmentQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(condition=Q(amount_micros__gt=0), name="adjustment_of_something"),
            models.CheckConstraint(condition=~Q(reason=""), name="adjustment_has_a_reason"),
            models.CheckConstraint(
                condition=~Q(state="posted", needs_second=True) | ~Q(decided_by=F("asked_by")),
                name="adjustment_second_is_another",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_by=None) | ~Q(state="waiting") & Q(decided_by__isnull=False),
                name="adjustment_decided_by_somebody",
            ),
        )

    def __str__(self) -> str:
        return f"{self.signed_micros} {self.currency}: {self.reason}"

    @property
    def signed_micros(self) -> int:
        """By how much what is spent goes up; below zero: down."""
        return -self.amount_micros if self.is_refund else self.amount_micros


def ask(
    *,
    project: Project,
    user: User,
    currency: Currency,
    signed_micros: int,
    reason: str,
    actor: User,
    key: str,
    now: dt.datetime,
    hold: Hold | None = None,
) -> Adjustment:
    """Posts it at once, or lets it wait for a second person. The same key is the same adjustment.

    Raises TooMuch: nothing was changed.
    """
    if made := Adjustment.objects.filter(key=key).first():
        return made
    amount_micros = abs(signed_micros)
    try:
        with transaction.atomic():
            _hold_sums_of(actor)
            made = Adjustment.objects.create(
                key=key,
                project=project,
                user=user,
                hold=hold,
                currency=currency,
                month=hold.month if hold else budgets.month_start(now),
                model=hold.model if hold else "",
                resolution=hold.resolution if hold else "",
                is_refund=signed_micros < 0,
                amount_micros=amount_micros,
                reason=reason,
                needs_second=alone_today_micros(actor, now) + amount_micros > settings.SECOND_PERSON_ABOVE_MICROS,
                asked_by=actor,
                asked_at=now,
            )
            if not made.needs_second:
                _post(made, actor, now)
            _record("money.asked" if made.needs_second else "money.adjusted", made, actor, now)
    except IntegrityError:
        if twin := Adjustment.objects.filter(key=key).first():  # another press of the same button was first
            return twin
        raise
    return made


def _hold_sums_of(actor: User) -> None:
    """Two that this person asks for at once are counted one after the other. SQLite has one writer anyway."""
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)


def alone_today_micros(actor: User, now: dt.datetime) -> int:
    """What this person has moved today (UTC) without a second one: many small ones count as one large one."""
    begins = now.astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    alone = Adjustment.objects.posted().filter(asked_by=actor, needs_second=False, asked_at__gte=begins)
    return int(alone.aggregate(sum=Sum("amount_micros", default=0))["sum"])


def confirm(adjustment: Adjustment, *, actor: User, now: dt.datetime) -> None:
    """Posts it. Raises SamePerson, Decided, TooMuch: nothing was changed."""
    if actor.pk == adjustment.asked_by_id:
        raise SamePerson
    with transaction.atomic():
        _post(adjustment, actor, now)
        _record("money.adjusted", adjustment, actor, now)


def withdraw(adjustment: Adjustment, *, actor: User, now: dt.datetime) -> None:
    """It is not to be. Raises Decided."""
    with transaction.atomic():
        _decide(adjustment, Adjustment.State.WITHDRAWN, actor, now)
        _record("money.withdrawn", adjustment, actor, now)


def net_micros(hold_ids: Collection[int]) -> dict[int, int]:
    """By how much what these holds were charged was put right since."""
    posted = Adjustment.objects.posted().filter(hold__in=hold_ids).order_by()
    return dict(posted.values_list("hold").annotate(sum=Sum(SIGNED)))


def _decide(adjustment: Adjustment, state: Adjustment.State, actor: User, now: dt.datetime) -> None:
    waiting = Adjustment.objects.filter(pk=adjustment.pk, state=Adjustment.State.WAITING)
    if waiting.update(state=state, decided_by=actor, decided_at=now) != 1:
        raise Decided
    adjustment.state, adjustment.decided_by, adjustment.decided_at = state, actor, now


def _post(adjustment: Adjustment, actor: User, now: dt.datetime) -> None:
    """State, budgets, entry and day in the caller's transaction."""
    _decide(adjustment, Adjustment.State.POSTED, actor, now)
    currency = Currency(adjustment.currency)
    months = budgets.months_for(adjustment.project, adjustment.user, currency, adjustment.month)
    kind = _give_back(adjustment, months) if adjustment.is_refund else _take(adjustment, months)
    ends = [Account.Kind.AVAILABLE, Account.Kind.SPENT]
    source, target = reversed(ends) if adjustment.is_refund else ends
    Entry.objects.create(
        adjustment=adjustment,
        kind=kind,
        source=_account(adjustment, source),
        target=_account(adjustment, target),
        currency=currency,
        amount_micros=adjustment.amount_micros,
        at=now,
    )
    days.add_adjustment(adjustment, is_overrun=kind == Entry.Kind.OVERRUN, now=now)


def _take(adjustment: Adjustment, months: list[BudgetMonth]) -> Entry.Kind:
    """What was spent was spent: where a limit has no room for it, it is an overrun."""
    try:
        with transaction.atomic():
            budgets.reserve(months, adjustment.amount_micros, "spent_micros")
    except budgets.OverBudget:
        budgets.move(months, overrun=adjustment.amount_micros)
        kind = Entry.Kind.OVERRUN
    else:
        kind = Entry.Kind.SURCHARGE
    marks.note(months, adjustment.decided_at or adjustment.asked_at)
    return kind


def _give_back(adjustment: Adjustment, months: list[BudgetMonth]) -> Entry.Kind:
    """Raises TooMuch when that much was not spent, in a month or on the job."""
    amount = adjustment.amount_micros
    for month in months:
        enough = BudgetMonth.objects.filter(pk=month.pk, spent_micros__gte=amount)
        if enough.update(spent_micros=F("spent_micros") - amount) != 1:
            month.refresh_from_db()
            raise TooMuch(month.spent_micros)
    if adjustment.hold_id:
        hold = Hold.objects.select_for_update().get(pk=adjustment.hold_id)
        others = Adjustment.objects.posted().filter(hold=hold).exclude(pk=adjustment.pk)
        left = (hold.charged_micros or 0) + (others.aggregate(sum=Sum(SIGNED, default=0))["sum"])
        if amount > left:
            raise TooMuch(left)
    return Entry.Kind.REFUND


def _account(adjustment: Adjustment, kind: Account.Kind) -> Account:
    return Account.objects.get_or_create(project=adjustment.project, kind=kind, currency=adjustment.currency)[0]


def _record(action: str, made: Adjustment, actor: User, now: dt.datetime) -> None:
    told = {"amount_micros": made.signed_micros, "currency": str(made.currency), "reason": made.reason}
    told |= {"project": made.project.slug, "person": made.user.email}
    audit.record(action, about=f"adjustment {made.pk}", after=told, actor=actor, now=now)
