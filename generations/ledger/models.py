"""Account, Hold, Entry, SpendDay and the budgets: where money stands, in millionths. Verbs: holds.py, budgets.py."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from generations.accounts.models import User
from generations.ledger import sight
from generations.projects.models import Project


class Currency(models.TextChoices):
    USD = "USD", _("US dollars")
    SBX = "SBX", _("Sandbox money")


class Account(models.Model):
    """A pot of one project's money: what may be used, what is held, what is spent."""

    class Kind(models.TextChoices):
        AVAILABLE = "available"
        HELD = "held"
        SPENT = "spent"

    project = models.ForeignKey(Project, models.PROTECT, related_name="accounts")
    kind = models.CharField(max_length=10, choices=Kind)
    currency = models.CharField(max_length=3, choices=Currency)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["project", "kind", "currency"], name="account_once"),)

    def __str__(self) -> str:
        return f"{self.project_id}:{self.kind}:{self.currency}"


class HoldQuerySet(models.QuerySet["Hold"]):
    def visible_to(self, user: User) -> Self:
        """The holds whose money this person may see."""
        return self.filter(sight.of(user))


class Hold(models.Model):
    """Money set aside for one attempt; settled once, by a charge or by a release."""

    class State(models.TextChoices):
        OPEN = "open"
        CHARGED = "charged"
        RELEASED = "released"

    project = models.ForeignKey(Project, models.PROTECT, related_name="+")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3, choices=Currency)
    month = models.DateField()  # first day, UTC: hold and charge stay in it
    model = models.CharField(max_length=80, blank=True)  # what it is for: the model's name
    resolution = models.CharField(max_length=10, blank=True)
    amount_micros = models.BigIntegerField()
    charged_micros = models.BigIntegerField(null=True)  # what the relay settled, overrun included
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    placed_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    objects: ClassVar[HoldQuerySet] = HoldQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        indexes = (
            models.Index(fields=["project", "month", "state"], name="hold_by_project_month"),
            models.Index(fields=["currency"], condition=Q(state="open"), name="hold_open"),
            models.Index(fields=["currency", "settled_at"], condition=Q(state="charged"), name="hold_charged"),
            models.Index(fields=["project", "settled_at"], condition=Q(state="charged"), name="hold_charged_project"),
            models.Index(fields=["user", "settled_at"], condition=Q(state="charged"), name="hold_charged_user"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(amount_micros__gte=0), name="hold_not_negative"),
            models.CheckConstraint(
                condition=Q(state="open", charged_micros=None, settled_at=None)
                | Q(state="released", charged_micros=None, settled_at__isnull=False)
                | Q(state="charged", charged_micros__gte=0, settled_at__isnull=False),
                name="hold_settled_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.amount_micros} {self.currency} {self.state}"


class EntryQuerySet(models.QuerySet["Entry"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(sight.of(user, "hold__") | sight.of(user, "adjustment__"))


class Entry(models.Model):
    """One movement of money from one account to another. Immutable: a trigger refuses UPDATE and DELETE."""

    class Kind(models.TextChoices):
        HOLD = "hold"  # available -> held
        RELEASE = "release"  # held -> available: nothing was charged
        CHARGE = "charge"  # held -> spent
        REMAINDER = "remainder"  # held -> available: the charge was smaller than the hold
        EXCESS = "excess"  # available -> spent: the charge was larger, and the budgets had room
        OVERRUN = "overrun"  # available -> spent: the charge was larger, and they had none
        SURCHARGE = "surcharge"  # available -> spent: by hand
        REFUND = "refund"  # spent -> available: by hand

    hold = models.ForeignKey(Hold, models.PROTECT, null=True, related_name="entries")
    adjustment = models.OneToOneField("generations.Adjustment", models.PROTECT, null=True, related_name="entry")
    kind = models.CharField(max_length=10, choices=Kind)
    source = models.ForeignKey(Account, models.PROTECT, related_name="credits")
    target = models.ForeignKey(Account, models.PROTECT, related_name="debits")
    currency = models.CharField(max_length=3, choices=Currency)
    amount_micros = models.BigIntegerField()
    at = models.DateTimeField()

    objects: ClassVar[EntryQuerySet] = EntryQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        indexes = (models.Index(fields=["at"], name="entry_by_time"),)
        constraints = (
            models.CheckConstraint(condition=Q(amount_micros__gte=0), name="entry_not_negative"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="entry_moves"),
            models.CheckConstraint(
                condition=Q(hold__isnull=False, adjustment=None) | Q(hold=None, adjustment__isnull=False),
                name="entry_of_a_hold_or_an_adjustment",
            ),
            models.UniqueConstraint(fields=["hold", "kind"], name="entry_kind_once_a_hold"),
            models.UniqueConstraint(
                fields=["hold"], condition=Q(kind__in=["charge", "release"]), name="hold_one_settlement"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.amount_micros} {self.currency}"


class SpendDayQuerySet(models.QuerySet["SpendDay"]):
    def visible_to(self, user: User) -> Self:
        """The figures that this person may see."""
        return self.filter(sight.of(user))


class SpendDay(models.Model):
    """What one person's clips of one kind cost in one project on one day (UTC), kept with the entries it sums up."""

    day = models.DateField()
    currency = models.CharField(max_length=3, choices=Currency)
    project = models.ForeignKey(Project, models.PROTECT, related_name="+")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    model = models.CharField(max_length=80, blank=True)
    resolution = models.CharField(max_length=10, blank=True)
    charges = models.PositiveIntegerField(default=0)
    estimate_micros = models.BigIntegerField(default=0)  # what was held for them
    spent_micros = models.BigIntegerField(default=0)  # charge and excess
    overrun_micros = models.BigIntegerField(default=0)

    objects: ClassVar[SpendDayQuerySet] = SpendDayQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["currency", "day", "project", "user", "model", "resolution"], name="spend_day_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.day} {self.spent_micros + self.overrun_micros} {self.currency}"


class Budget(models.Model):
    """A standing monthly limit of the studio, a project or a person in one currency; no limit when None."""

    class Scope(models.TextChoices):
        STUDIO = "studio", _("the studio")
        PROJECT = "project", _("this project")
        USER = "user", _("you")

    key = models.CharField(max_length=60, unique=True)  # "studio:USD", "project:3:USD", "user:7:SBX"
    scope = models.CharField(max_length=8, choices=Scope)
    project = models.ForeignKey(Project, models.PROTECT, null=True, related_name="budgets")
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="budgets")
    currency = models.CharField(max_length=3, choices=Currency)
    limit_micros = models.BigIntegerField(null=True)
    ask_above_micros = models.BigIntegerField(null=True)  # a dearer job waits for somebody's approval
    paused_at = models.DateTimeField(null=True)  # while set: nothing is held and nothing is sent
    paused_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects: ClassVar[models.Manager[Budget]]

    class Meta:
        indexes = (models.Index(fields=["key"], condition=Q(paused_at__isnull=False), name="budget_paused"),)

    def __str__(self) -> str:
        return self.key


class BudgetMonth(models.Model):
    """What of a budget is held and spent in one month (UTC). Equals the entries at every commit."""

    budget = models.ForeignKey(Budget, models.PROTECT, related_name="months")
    month = models.DateField()
    limit_micros = models.BigIntegerField(null=True)
    held_micros = models.BigIntegerField(default=0)
    spent_micros = models.BigIntegerField(default=0)
    overrun_micros = models.BigIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["budget", "month"], name="budget_month_once"),
            models.CheckConstraint(
                condition=Q(held_micros__gte=0, spent_micros__gte=0, overrun_micros__gte=0),
                name="budget_month_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(limit_micros=None) | Q(limit_micros__gte=F("held_micros") + F("spent_micros")),
                name="budget_month_within_limit",
            ),
        )

    def __str__(self) -> str:
        return f"{self.budget_id} {self.month:%Y-%m}"

    @property
    def used_micros(self) -> int:
        return self.held_micros + self.spent_micros + self.overrun_micros

    @property
    def left_micros(self) -> int | None:
        """What can still be held, or None where there is no limit."""
        return None if self.limit_micros is None else max(0, self.limit_micros - self.used_micros)


class BudgetMark(models.Model):
    """That a month's use has reached 50, 80 or 100 % of its limit: written once, when it first did."""

    month = models.ForeignKey(BudgetMonth, models.PROTECT, related_name="marks")
    percent = models.PositiveSmallIntegerField()
    used_micros = models.BigIntegerField()
    limit_micros = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        ordering = ("percent",)
        constraints = (models.UniqueConstraint(fields=["month", "percent"], name="budget_mark_once"),)

    def __str__(self) -> str:
        return f"{self.month_id}: {self.percent} %"
