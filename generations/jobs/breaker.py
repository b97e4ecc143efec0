"""The breaker: whether jobs may be sent just now. It opens on a refused key, an empty balance or failures in a row."""

from __future__ import annotations

import datetime as dt
import logging

from django.db.models import F, Q
from django.db.models.functions import Greatest

from generations.jobs.models import Breaker

log = logging.getLogger(__name__)
FAILURES_IN_A_ROW = 5
PROBE_EVERY = dt.timedelta(seconds=30)


def name_of(is_sandbox: bool) -> str:
    return "sandbox" if is_sandbox else "relay"


def current(is_sandbox: bool) -> Breaker:
    return Breaker.objects.get_or_create(name=name_of(is_sandbox))[0]


def blocked_until(is_sandbox: bool, now: dt.datetime) -> tuple[dt.datetime, str] | None:
    """(when to look again, why), or None when a job may go out now.

    Of an open breaker one job goes out as a probe each half minute: what opened it is never billed.
    """
    breaker = current(is_sandbox)
    if breaker.paused_until and breaker.paused_until > now:
        return breaker.paused_until, "The relay asked us to slow down."
    if breaker.opened_at is None:
        return None
    due = Breaker.objects.filter(pk=breaker.pk, probe_at__lte=now)
    if due.update(probe_at=now + PROBE_EVERY) == 1:
        return None
    return breaker.probe_at or now + PROBE_EVERY, breaker.reason


def open_for(is_sandbox: bool, reason: str, now: dt.datetime) -> None:
    """Stops all sending at once, for a reason that every further job would meet too."""
    current(is_sandbox)
    same = Breaker.objects.filter(pk=name_of(is_sandbox))
    if same.filter(opened_at=None).update(opened_at=now):
        log.error("sending is paused: %s", reason)
    same.update(reason=reason[:300], probe_at=now + PROBE_EVERY)


def count_failure(is_sandbox: bool, reason: str, now: dt.datetime) -> None:
    """One more send that did not reach the relay; the fifth in a row opens the breaker."""
    breaker = current(is_sandbox)
    Breaker.objects.filter(pk=breaker.pk).update(failures=F("failures") + 1)
    breaker.refresh_from_db()
    if breaker.failures >= FAILURES_IN_A_ROW:
        open_for(is_sandbox, f"The relay cannot be reached: {reason}", now)


def pause(is_sandbox: bool, until: dt.datetime) -> None:
    """The relay said 429: nobody sends before `until`. A shorter pause never shortens a longer one."""
    same = Breaker.objects.filter(pk=current(is_sandbox).pk)
    same.filter(paused_until=None).update(paused_until=until)
    same.update(paused_until=Greatest(F("paused_until"), until))


def close(is_sandbox: bool) -> None:
    """The relay answered a submit: send again."""
    troubled = Breaker.objects.filter(pk=name_of(is_sandbox)).filter(Q(failures__gt=0) | Q(opened_at__isnull=False))
    if troubled.update(failures=0, opened_at=None, reason="", probe_at=None):
        log.warning("sending goes on")
