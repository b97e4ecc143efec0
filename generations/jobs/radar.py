"""The expiry radar: paid clips that are not kept yet, and how long the relay still has them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F, QuerySet
from django.utils.timesince import timeuntil

from generations.health import alerts
from generations.jobs.models import Job, Output

WARN_BEFORE = dt.timedelta(minutes=15)
SETTLED_AFTER = dt.timedelta(minutes=2)  # most clips are kept within seconds: no alarm for those
LONGEST_WAIT = dt.timedelta(minutes=10)
SHORTEST_WAIT = dt.timedelta(seconds=2)
ALERT = "expiry"


@dataclass(frozen=True, slots=True)
class Blip:
    """One clip that may be lost."""

    output: Output
    left: dt.timedelta | None  # None: the relay named no time

    @property
    def is_urgent(self) -> bool:
        return self.left is not None and self.left < WARN_BEFORE

    @property
    def is_past(self) -> bool:
        return self.left is not None and self.left <= dt.timedelta(0)


def unkept() -> QuerySet[Output]:
    """Paid and not kept yet, soonest to expire first."""
    waiting = Output.objects.filter(media=None, archive_reason="")
    return waiting.order_by(F("expires_at").asc(nulls_last=True), "created_at")


def blips(now: dt.datetime, limit: int = 100) -> list[Blip]:
    outputs = unkept().select_related("job__project", "job__model")[:limit]
    return [Blip(output, output.expires_at - now if output.expires_at else None) for output in outputs]


def by_urgency(jobs: Iterable[Job]) -> list[Job]:
    """These jobs, the one whose clip expires first in front."""
    expiries = dict(Output.objects.filter(job__in=list(jobs), media=None).values_list("job_id", "expires_at"))
    never = dt.datetime.max.replace(tzinfo=dt.UTC)
    return sorted(jobs, key=lambda job: expiries.get(job.pk) or never)


def longest_wait(output: Output, now: dt.datetime) -> dt.timedelta:
    """Ten minutes between two tries, and less the sooner the clip goes."""
    if output.expires_at is None or output.expires_at <= now:
        return LONGEST_WAIT
    return max(SHORTEST_WAIT, min(LONGEST_WAIT, (output.expires_at - now) / 4))


def warn(now: dt.datetime) -> None:
    """Alerts the admins before a clip goes; takes the alert back when none is in danger any more."""
    soon = unkept().filter(expires_at__lt=now + WARN_BEFORE, created_at__lt=now - SETTLED_AFTER)
    first = soon.first()
    if first is None or first.expires_at is None:
        alerts.clear(ALERT, now)
        return
    left = timeuntil(first.expires_at, now, depth=1) if first.expires_at > now else "no time"
    alerts.sound(ALERT, f"{soon.count()} paid clip(s) not kept yet; the next one expires with {left} left.", now)
