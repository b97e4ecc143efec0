"""The breaker: whether jobs may be sent just now. It opens on a refused key, an empty balance or failures in a row."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Greatest

from generations import queue
from generations.health import alerts
from generations.jobs.models import Breaker, Job
from generations.jobs.states import State
from generations.relay.client import Relay
from generations.relay.errors import RelayFault

FAILURES_IN_A_ROW = 5
PROBE_EVERY = dt.timedelta(seconds=30)
RESTORED_LOOK = dt.timedelta(minutes=1)
RESTORED = "The studio was restored from a backup: nothing is sent until an admin has matched it with the relay."


def name_of(is_sandbox: bool) -> str:
    return "sandbox" if is_sandbox else "relay"


def current(is_sandbox: bool) -> Breaker:
    return Breaker.objects.get_or_create(name=name_of(is_sandbox))[0]


def blocked_until(is_sandbox: bool, now: dt.datetime) -> tuple[dt.datetime, str] | None:
    """(when to look again, why), or None when a job may go out now.

    Of an open breaker one job goes out as a probe each half minute: what opened it is never billed.
    """
    breaker = current(is_sandbox)
    if breaker.restored_to:
        return now + RESTORED_LOOK, RESTORED
    if breaker.paused_until and breaker.paused_until > now:
        return breaker.paused_until, "The relay asked us to slow down."
    if breaker.opened_at is None:
        return None
    if _take_probe(is_sandbox, now):
        return None
    return breaker.probe_at or now + PROBE_EVERY, breaker.reason


def _take_probe(is_sandbox: bool, now: dt.datetime) -> bool:
    is_due = Q(probe_at__lte=now) | Q(probe_at__gt=now + 2 * PROBE_EVERY)  # the clock was set back
    due = Breaker.objects.filter(is_due, pk=name_of(is_sandbox), opened_at__isnull=False)
    return due.update(probe_at=now + PROBE_EVERY) == 1


def open_for(is_sandbox: bool, reason: str, now: dt.datetime) -> None:
    """Stops all sending at once, for a reason that every further job would meet too; one alert says so."""
    current(is_sandbox)
    same = Breaker.objects.filter(pk=name_of(is_sandbox))
    with transaction.atomic():  # open without a time for its probe, it would never close
        if same.filter(opened_at=None).update(opened_at=now):
            alerts.sound(_alert(is_sandbox), f"Sending is paused. {reason}", now)
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


def close(is_sandbox: bool, now: dt.datetime) -> None:
    """The relay answered: send again, and at once what had to wait."""
    same = Breaker.objects.filter(pk=name_of(is_sandbox))
    troubled = same.filter(Q(failures__gt=0) | Q(opened_at__isnull=False))
    if troubled.update(failures=0, opened_at=None, reason="", probe_at=None) and alerts.clear(_alert(is_sandbox), now):
        _waiting(is_sandbox).filter(next_action_at__gt=now).update(next_action_at=now, ready_at=now)


def _waiting(is_sandbox: bool) -> QuerySet[Job]:
    return Job.objects.filter(state=State.QUEUED, is_sandbox=is_sandbox)


def try_now(is_sandbox: bool, now: dt.datetime) -> None:
    """The next probe is due at once: the job that has waited longest goes out, or a plain question when none waits."""
    if not Breaker.objects.filter(pk=name_of(is_sandbox), opened_at__isnull=False).update(probe_at=now):
        return
    first = _waiting(is_sandbox).order_by("created_at").values_list("pk", flat=True).first()
    if first:
        Job.objects.filter(pk=first, state=State.QUEUED).update(next_action_at=now)
    else:
        queue.wake("probe_relay")


def probe_when_idle(is_sandbox: bool, now: dt.datetime) -> None:
    """While no job waits to be the probe, a due one is a plain question: else the breaker would stay open for ever."""
    due = Breaker.objects.filter(pk=name_of(is_sandbox), opened_at__isnull=False, probe_at__lte=now)
    if due.exists() and not _waiting(is_sandbox).exists():
        queue.wake("probe_relay")


def probe(is_sandbox: bool, relay: Relay, now: dt.datetime) -> None:
    """Asks the relay for its models, which costs nothing; an answer closes the breaker."""
    if not _take_probe(is_sandbox, now):
        return
    try:
        relay.models()
    except RelayFault:
        return
    close(is_sandbox, now)


def hold_for_restore(backup_at: dt.datetime, now: dt.datetime) -> None:
    """Nothing is sent, to either relay, until `end_restore`."""
    for is_sandbox in (True, False):
        current(is_sandbox)
    Breaker.objects.update(restored_to=backup_at)
    alerts.sound("restore", RESTORED, now)


def end_restore(now: dt.datetime) -> None:
    Breaker.objects.update(restored_to=None)
    alerts.clear("restore", now)


def trouble(is_sandbox: bool) -> Breaker | None:
    """The breaker while it keeps jobs from being sent, for the banner on every page."""
    shut = Q(opened_at__isnull=False) | Q(restored_to__isnull=False)
    return Breaker.objects.filter(shut, pk=name_of(is_sandbox)).first()


def _alert(is_sandbox: bool) -> str:
    return f"breaker:{name_of(is_sandbox)}"
