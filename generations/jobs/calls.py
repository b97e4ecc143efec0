"""A callback that came for an attempt: what it claims is kept as a hint, and at most once a second somebody looks."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import F, Q

from generations import queue
from generations.jobs import leases
from generations.jobs.models import Attempt, Exchange, Job
from generations.jobs.states import State
from generations.ledger.models import Hold

CALLED = "(callback from the relay)"  # the path of an exchange that the relay began
NO_TIME, WAKES_EVERY, LONGEST_REST = dt.timedelta(0), dt.timedelta(seconds=1), dt.timedelta(minutes=1)
MOST_KEPT = 20  # callbacks of an attempt that are kept as exchanges
MOST_HINTS = 4  # task ids that callbacks may claim for one attempt
MOST_KEPT_CHARACTERS = 4096


def take(attempt: Attempt, claimed: str, body: bytes, now: dt.datetime) -> None:
    """Writes down what is new and wakes one look; in a flood all but a few cost nothing but reading.

    An attempt rests a second after its first callback, twice as long after each further one, a minute at most.
    """
    if not _matters(attempt):
        return
    is_hint = bool(claimed) and not attempt.relay_task_id and claimed not in attempt.hints
    is_early = attempt.woken_at is not None and NO_TIME <= now - attempt.woken_at < rest(attempt.callbacks)
    if is_early and not (is_hint and len(attempt.hints) < MOST_HINTS):
        _look_soon(attempt, now)
        return
    with transaction.atomic():
        if is_hint:
            _add_hint(attempt.pk, claimed, now)
        _keep(attempt, body, now)
        _wake(attempt, now, at_once=is_hint)


def rest(callbacks: int) -> dt.timedelta:
    """How long an attempt with so many callbacks is not looked at for the sake of one more of them."""
    doublings = min(max(callbacks - 1, 0), 8)
    return min(LONGEST_REST, WAKES_EVERY * (1 << doublings))


def _matters(attempt: Attempt) -> bool:
    """Not once its money is settled and its task is known: nothing can come of it any more."""
    return attempt.hold.state == Hold.State.OPEN or (attempt.relay_task_id is None and bool(attempt.sending_at))


def _add_hint(attempt_id: int, claimed: str, now: dt.datetime) -> None:
    """Nobody polls for an attempt without a task, so the sweep looks as well, should the wake-up be lost."""
    attempt = Attempt.objects.select_for_update().get(pk=attempt_id)
    if claimed not in attempt.hints and len(attempt.hints) < MOST_HINTS:
        attempt.hints = [*attempt.hints, claimed]
        attempt.look_at = now + leases.LEASE
        attempt.save(update_fields=["hints", "look_at"])


def _keep(attempt: Attempt, body: bytes, now: dt.datetime) -> None:
    room = Attempt.objects.filter(pk=attempt.pk, callbacks__lt=MOST_KEPT)
    if room.update(callbacks=F("callbacks") + 1):
        said = body[:MOST_KEPT_CHARACTERS].decode("utf-8", "replace").replace("\0", "")
        Exchange.objects.create(attempt=attempt, at=now, method="POST", path=CALLED, milliseconds=0, body=said)


def _wake(attempt: Attempt, now: dt.datetime, *, at_once: bool) -> None:
    """A task id that is new is looked at in any case: nobody polls for an attempt without one."""
    is_rested = Q(woken_at=None) | Q(woken_at__lte=now - WAKES_EVERY) | Q(woken_at__gt=now)  # the clock was set back
    rested = Q() if at_once else is_rested
    if Attempt.objects.filter(rested, pk=attempt.pk).update(woken_at=now):
        queue.wake("observe_job", attempt.pk)
    else:
        _look_soon(attempt, now)


def _look_soon(attempt: Attempt, now: dt.datetime) -> None:
    """News that came too soon after other news: the sweep looks in a second, instead of at its own pace."""
    soon = now + WAKES_EVERY
    if attempt.job.state == State.RUNNING and attempt.job.next_action_at and attempt.job.next_action_at > soon:
        Job.objects.filter(pk=attempt.job_id, state=State.RUNNING, next_action_at__gt=soon).update(next_action_at=soon)


def last_heard(is_sandbox: bool) -> dt.datetime | None:
    """When a callback of this relay last came; None: never."""
    heard = Exchange.objects.filter(path=CALLED, attempt__job__is_sandbox=is_sandbox).order_by("-pk")
    return heard.values_list("at", flat=True).first()
