"""After a backup was restored: nothing is sent until the relay's tasks since then are matched with the jobs in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from generations import queue
from generations.catalog.models import Kind
from generations.jobs import breaker
from generations.jobs.lifecycle import WAKE_UP_GRACE
from generations.jobs.models import Attempt, Job
from generations.jobs.reconciling import is_like
from generations.jobs.sending import bind
from generations.jobs.statements import Told
from generations.jobs.states import Overtaken, State
from generations.ledger.models import Hold

BEFORE = dt.timedelta(minutes=5)  # a backup takes a while, and clocks differ
SET_ASIDE = "A backup was restored: it may have been sent after that was made."
NEVER_SENT = "The relay's record has nothing of it: it was not sent before the restore."


@dataclass(frozen=True, slots=True)
class Outcome:
    matched: list[tuple[Job, Told]]
    strange: list[Told]  # the relay has them, the restored studio has no job for them
    requeued: list[Job]


def begin(backup_at: dt.datetime, now: dt.datetime) -> list[Job]:
    """Holds all sending, and sets aside what was queued: the lost hours may have sent it. Twice is harmless."""
    breaker.hold_for_restore(backup_at, now)
    waiting = Job.objects.filter(state__in=(State.QUEUED, State.SENDING), is_sandbox=settings.IS_SANDBOX)
    return [job for job in waiting if _set_aside(job, now)]


def _set_aside(job: Job, now: dt.datetime) -> bool:
    try:
        with transaction.atomic():
            if job.state == State.QUEUED:
                job.advance(State.SENDING, now=now, note=SET_ASIDE)
            job.advance(State.UNKNOWN, now=now, note=SET_ASIDE, next_action_at=None, failure_message=SET_ASIDE)
    except Overtaken:
        return False
    return True


def match(record: Iterable[Told], now: dt.datetime) -> Outcome:
    """Binds each task since the backup to the job that asked for it; what was never sent goes back to the queue."""
    backup_at = breaker.current(settings.IS_SANDBOX).restored_to or now
    recent = [told for told in record if told.at is None or told.at >= backup_at - BEFORE]
    matched, strange = [], []
    for told in recent:
        if Attempt.objects.filter(relay_task_id=told.task_id).exists():
            continue
        if attempt := _asker(told):
            bind(attempt.job, attempt, told.task_id, now)
            matched.append((attempt.job, told))
        else:
            strange.append(told)
    return Outcome(matched, strange, _requeue(now))


def _asker(told: Told) -> Attempt | None:
    """The oldest attempt without a task that can have asked for this one."""
    lost = Attempt.objects.filter(job__state=State.UNKNOWN, relay_task_id=None, superseded_at=None)
    open_ones = lost.filter(hold__state=Hold.State.OPEN).select_related("job__sku").order_by("pk")
    return next((attempt for attempt in open_ones if is_like(attempt, told)), None)


def _requeue(now: dt.datetime) -> list[Job]:
    """Jobs set aside that the whole record knows nothing of; those that were being sent stay a person's."""
    unsent = Job.objects.filter(
        state=State.UNKNOWN, failure_message=SET_ASIDE, attempts__sending_at=None, attempts__superseded_at=None
    ).exclude(kind=Kind.IMAGE)  # the record names no images
    requeued = []
    for job in unsent.distinct():
        job.advance(State.QUEUED, now=now, note=NEVER_SENT, next_action_at=now + WAKE_UP_GRACE, failure_message="")
        queue.wake("submit_job", str(job.pk))
        requeued.append(job)
    return requeued


def finish(now: dt.datetime) -> None:
    """Lets sending go on."""
    breaker.end_restore(now)
