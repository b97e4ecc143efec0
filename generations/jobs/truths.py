"""TruthDay, TruthLine: each day as it was last compared with the relay's record. What differs: reconciling.py."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import ClassVar

from django.conf import settings
from django.db import models, transaction
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from generations.health import checks
from generations.jobs import statements
from generations.jobs.models import Job
from generations.jobs.reconciling import Ask, Difference, Report, reconcile
from generations.ledger.models import Currency, Entry
from generations.ledger.money import show
from generations.ledger.reports import DAY, midnight
from generations.relay.client import Relay
from generations.relay.errors import RelayFault

CHECK = "truth"
LOOKS_BACK = 7  # days with differences are compared again for so long
WATCHED_DAYS = 31


class TruthDay(models.Model):
    """A day (UTC) of one relay: our charges and the relay's, and when they were compared."""

    day = models.DateField()
    is_sandbox = models.BooleanField()
    compared_at = models.DateTimeField()
    attempts = models.PositiveIntegerField()
    charged_micros = models.BigIntegerField()
    relay_micros = models.BigIntegerField()
    has_record = models.BooleanField()  # False: task by task, so that tasks which we do not know can not be found

    class Meta:
        constraints = (models.UniqueConstraint(fields=["is_sandbox", "day"], name="truth_day_once"),)

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}"

    @property
    def is_whole(self) -> bool:
        """Whether the day was over when it was compared."""
        return self.compared_at >= midnight(self.day + DAY)


class TruthLine(models.Model):
    """One thing in which the two are not one, and what to do about it."""

    class Kind(models.TextChoices):
        CHARGE = "charge", _("Charged or not")
        COST = "cost", _("Another cost")
        OVERRUN = "overrun", _("Overrun")
        UNSETTLED = "unsettled", _("Not settled")
        UNKNOWN = "unknown", _("Outcome unknown")
        UNMATCHED = "unmatched", _("Unmatched")
        UNREAD = "unread", _("Not read")

    day = models.ForeignKey(TruthDay, models.CASCADE, related_name="lines")
    kind = models.CharField(max_length=10, choices=Kind)
    what = models.CharField(max_length=300)
    to_do = models.CharField(max_length=300)
    task_id = models.CharField(max_length=200, blank=True)
    job = models.ForeignKey(Job, models.CASCADE, null=True, related_name="+")
    ours_micros = models.BigIntegerField(null=True)
    relay_micros = models.BigIntegerField(null=True)

    objects: ClassVar[models.Manager[TruthLine]]

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.kind}: {self.what}"


def compare(day: dt.date, relay: Relay, ask: Ask, now: dt.datetime) -> None:
    """Compares one day and keeps what was found; the sandbox gives its own list, a real relay is read task by task."""
    record = statements.told(relay.listing()) if settings.IS_SANDBOX else None
    keep(reconcile(day, record, ask, now, is_sandbox=settings.IS_SANDBOX), has_record=record is not None, now=now)


def compare_asked(day: dt.date, relay: Relay, ask: Ask, now: dt.datetime) -> None:
    """One day that somebody wants compared now; a relay that gives no record is told of at the checks."""
    try:
        compare(day, relay, ask, now)
    except (RelayFault, statements.BadStatement) as problem:
        checks.say(CHECK, f"The relay's record can't be read: {problem}", now)


def compare_due(relay: Relay, ask: Ask, now: dt.datetime) -> None:
    """Yesterday, and of the week before it the days that differ or were never compared since they were over.

    A day for which somebody gave the relay's list is left as that list has shown it.
    """
    today = now.astimezone(dt.UTC).date()
    week = [today - number * DAY for number in range(1, LOOKS_BACK + 1)]
    days = TruthDay.objects.filter(is_sandbox=settings.IS_SANDBOX, day__in=week).annotate(count=Count("lines"))
    known = {row.day: row for row in days}
    try:
        for day in week:
            row = known.get(day)
            if row is None or ((row.count or not row.is_whole) and (settings.IS_SANDBOX or not row.has_record)):
                compare(day, relay, ask, now)
    except (RelayFault, statements.BadStatement) as problem:
        checks.say(CHECK, f"The relay's record can't be read: {problem}", now)


@transaction.atomic
def keep(report: Report, *, has_record: bool, now: dt.datetime) -> TruthDay:
    """Writes the day anew; the first day that differs sounds an alert for admins and billing, once."""
    day, _made = TruthDay.objects.update_or_create(
        day=report.day,
        is_sandbox=settings.IS_SANDBOX,
        defaults={
            "compared_at": now,
            "attempts": report.attempts,
            "charged_micros": report.charged_micros,
            "relay_micros": report.relay_micros,
            "has_record": has_record,
        },
    )
    day.lines.all().delete()
    TruthLine.objects.bulk_create(_line(day, each) for each in [*report.differences, *overruns(report.day)])
    _tell(now)
    return day


def _line(day: TruthDay, each: Difference) -> TruthLine:
    return TruthLine(
        day=day,
        kind=each.kind,
        what=each.what[:300],
        to_do=each.to_do[:300],
        task_id=each.task_id[:200],
        job_id=each.job_id or None,
        ours_micros=each.ours_micros,
        relay_micros=each.relay_micros,
    )


def overruns(day: dt.date) -> Iterable[Difference]:
    """The charges of the day that went beyond hold and limit."""
    currency = Currency.SBX if settings.IS_SANDBOX else Currency.USD
    entries = Entry.objects.filter(kind=Entry.Kind.OVERRUN, currency=currency, hold__attempt__isnull=False)
    of_day = entries.filter(at__gte=midnight(day), at__lt=midnight(day + DAY)).select_related("hold__attempt")
    for entry in of_day.order_by("pk"):
        hold = entry.hold
        if hold is None:  # by hand: no job has gone beyond its hold
            continue
        yield Difference(
            "overrun",
            f"cost {show(entry.amount_micros, currency)} more than was held, and the budgets had no room",
            "raise the limit if more is to be made this month; see why the estimate was too low",
            hold.attempt.relay_task_id or "",
            str(hold.attempt.job_id),
            hold.charged_micros,
            None,
        )


def _tell(now: dt.datetime) -> None:
    """Overruns stand on the board, but nobody can undo them: they sound no alert of their own."""
    since = now.astimezone(dt.UTC).date() - WATCHED_DAYS * DAY
    days = TruthDay.objects.filter(is_sandbox=settings.IS_SANDBOX, day__gte=since).order_by("day")
    differing = days.annotate(count=Count("lines", filter=~Q(lines__kind=TruthLine.Kind.OVERRUN))).filter(count__gt=0)
    checks.record(CHECK, [f"{row.day}: {row.count} difference(s) with the relay" for row in differing], now)
