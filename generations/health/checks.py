"""The studio's checks of itself: when each is due, and what it found. What is checked is written in the rooms."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db.models import Q

from generations.health import alerts
from generations.health.models import Check

HOURLY = dt.timedelta(hours=1)
DAILY = dt.timedelta(days=1)
OVERDUE_AFTER = dt.timedelta(hours=3)
MOST_PROBLEMS = 50


def is_due(name: str, now: dt.datetime, every: dt.timedelta = HOURLY) -> bool:
    """True for the one caller who is to have it run now; of several pulses only one is told so."""
    Check.objects.get_or_create(name=name)
    rested = Q(asked_at=None) | Q(asked_at__lte=now - every)
    return Check.objects.filter(rested, pk=name).update(asked_at=now) == 1


def record(name: str, problems: Sequence[str], now: dt.datetime, summary: str = "") -> None:
    """Keeps what a run found; the first problem sounds an alert, a clean run takes it back."""
    check, _ = Check.objects.get_or_create(name=name)
    check.at, check.problems, check.summary = now, [line[:300] for line in problems[:MOST_PROBLEMS]], summary[:200]
    check.broken_since = (check.broken_since or now) if problems else None
    check.save(update_fields=["at", "problems", "summary", "broken_since"])
    if problems:
        alerts.sound(name, f"{len(problems)} problem(s) found: {problems[0]}", now)
    else:
        alerts.clear(name, now)


def say(name: str, summary: str, now: dt.datetime) -> None:
    """A run that could not tell: what was found before stands."""
    Check.objects.get_or_create(name=name)
    Check.objects.filter(pk=name).update(at=now, summary=summary[:200])


def word(name: str, now: dt.datetime) -> str:
    """ "ok", or what is wrong; a check that has never run yet says nothing against the studio."""
    check = Check.objects.filter(pk=name).first()
    if check is None or check.at is None:
        return "ok"
    if check.broken_since:
        return f"{len(check.problems)} broken since {check.broken_since:%Y-%m-%d %H:%M} UTC"
    age = now - check.at
    return "ok" if age <= OVERDUE_AFTER else f"not checked for {age.total_seconds() / 3600:.0f} h"
