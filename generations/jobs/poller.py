"""Looking at jobs: which are due and who must be woken (`sweep`), and many reads of the relay at once (`poll`)."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import random
from collections.abc import Callable, Iterable
from itertools import batched, groupby
from operator import itemgetter

from django.db.models import QuerySet

from generations import queue
from generations.jobs import approvals, leases, line, quiet, radar, superseded, unknowns
from generations.jobs.models import Attempt, Job
from generations.jobs.observing import adopt, observe, observe_nothing
from generations.jobs.quiet import Reading as Reading
from generations.jobs.sending import Clock, give_up_sending
from generations.jobs.states import Overtaken, State
from generations.relay.client import AsyncRelay, Relay
from generations.relay.errors import RelayFault

log = logging.getLogger(__name__)
BATCH = 250
LOOKED_AT_ONCE = 2000
QUEUED_LEASE = dt.timedelta(seconds=30)
FASTEST_SECONDS, SLOWEST_SECONDS, SILENT_SECONDS = 1.0, 30.0, 300.0
STEPS = (1, 2, 3, 5, 8, 12, 20, 30, 45, 60, 90, 120, 180, 240, 300)  # seconds: jobs of about one pace go together


def sweep(now: dt.datetime) -> int:
    """Wakes a worker for every due job; how many there were. Losing such a wake-up only costs its lease."""
    _mend_clock(now)
    due = list(Job.objects.due(now).order_by("next_action_at")[:LOOKED_AT_ONCE])
    by_state: dict[str, list[Job]] = {}
    for job in due:
        by_state.setdefault(job.state, []).append(job)
    _wake_each(line.in_turn(by_state.get(State.QUEUED, [])), "submit_job", QUEUED_LEASE, now)
    _wake_each(radar.by_urgency(by_state.get(State.FETCHING, [])), "fetch_job", leases.LEASE, now)
    _wake_polls(by_state.get(State.RUNNING, []), now)
    for job in by_state.get(State.SENDING, []):
        _unless_overtaken(give_up_sending, job, now)
    for job in by_state.get(State.AWAITING_APPROVAL, []):
        _unless_overtaken(approvals.expire, job, now)
    return len(due) + superseded.wake_due(now) + unknowns.wake_due(now)


def _mend_clock(now: dt.datetime) -> None:
    """A clock that was set back leaves jobs that nobody would look at for as long: they get a fresh lease."""
    lost = Job.objects.filter(next_action_at__gt=now + superseded.FARTHEST).exclude(state=State.AWAITING_APPROVAL)
    if lost.exists():
        lost.update(next_action_at=now + leases.LEASE)


def _wake_each(jobs: Iterable[Job], task: str, lease: dt.timedelta, now: dt.datetime) -> None:
    for job in jobs:
        if _due_still([job], now).update(next_action_at=now + lease):
            queue.wake(task, str(job.pk))


def _wake_polls(jobs: Iterable[Job], now: dt.datetime) -> None:
    """One task a batch; each job's next look is set by its pace before, so that a quiet poll writes nothing.

    Jobs of one pace go together: that makes few statements, however many paces there are.
    """
    paced = sorted(((_step(pace_seconds(job, now)), job) for job in jobs), key=itemgetter(0))
    for batch in batched(paced, BATCH):
        for seconds, same in groupby(batch, key=itemgetter(0)):
            _due_still([job for _, job in same], now).update(next_action_at=now + _with_jitter(seconds))
        queue.wake("poll_jobs", [str(job.pk) for _, job in batch])


def _due_still(jobs: Iterable[Job], now: dt.datetime) -> QuerySet[Job]:
    return Job.objects.filter(pk__in=[job.pk for job in jobs], next_action_at__lte=now)


def _unless_overtaken(act: Callable[[Job, dt.datetime], None], job: Job, now: dt.datetime) -> None:
    try:
        act(job, now)
    except Overtaken:
        return


def pace_seconds(job: Job, now: dt.datetime) -> float:
    """How long until the next look: a tenth of the time that it has run, from one second to half a minute.

    While the relay says nothing, a fifth of that silence when it is longer, up to five minutes.
    """
    age = (now - (job.running_at or job.created_at)).total_seconds()
    silence = (now - job.unanswered_since).total_seconds() if job.unanswered_since else 0
    usual = min(SLOWEST_SECONDS, max(FASTEST_SECONDS, age / 10))
    return max(usual, min(SILENT_SECONDS, silence / 5))


def _step(seconds: float) -> int:
    """The pace of the group that such a job is put in."""
    return max(step for step in STEPS if step <= seconds)


def _with_jitter(seconds: float) -> dt.timedelta:
    return dt.timedelta(seconds=seconds * random.uniform(0.85, 1.15))  # noqa: S311 - jitter


class Reader:
    """Many reads at once, over connections that live as long as the process."""

    def __init__(self, relay: AsyncRelay) -> None:
        self._relay = relay
        self._loop = asyncio.new_event_loop()

    def read_all(self, task_ids: list[str]) -> dict[str, Reading]:
        readings = self._loop.run_until_complete(self._gather(task_ids))
        return dict(zip(task_ids, readings, strict=True))

    def close(self) -> None:
        self._loop.run_until_complete(self._relay.__aexit__(None, None, None))
        self._loop.close()

    async def _gather(self, task_ids: list[str]) -> list[Reading]:
        return await asyncio.gather(*(self._read(task_id) for task_id in task_ids))

    async def _read(self, task_id: str) -> Reading:
        try:
            return await self._relay.read(task_id)
        except RelayFault as fault:
            return fault


def poll(job_ids: Iterable[str], reader: Reader, clock: Clock) -> None:
    """Reads the tasks of these jobs at once; each answer with news moves its job, all others are noted together."""
    looks = quiet.looks_at(job_ids)
    readings = reader.read_all([look.task_id for look in looks])
    unmoved = []
    for look in looks:
        reading = readings[look.task_id]
        if quiet.is_quiet(look, reading, clock()):
            unmoved.append((look, reading))
        else:
            _apply_alone(look, reading, clock())
    quiet.note(unmoved, clock())


def _apply_alone(look: quiet.Look, reading: Reading, now: dt.datetime) -> None:
    """An answer that brings our code down is written to the log, and keeps no other job of the batch from its own."""
    try:
        _apply(look, reading, now)
    except Exception:
        log.exception("the answer about job %s could not be taken", look.job_id)


def _apply(look: quiet.Look, reading: Reading, now: dt.datetime) -> None:
    """Moves the job, unless somebody has changed it since the relay was asked: then the next look decides."""
    job = Job.objects.select_related("price").filter(pk=look.job_id, version=look.version).first()
    if job is None:
        return
    if isinstance(reading, RelayFault):
        observe_nothing(job, reading, now)
    else:
        observe(job, *reading, now)


def observe_attempt(attempt: Attempt, relay: Relay, clock: Clock) -> None:
    """One look at once, because a callback said that there is news. The callback's own words count for nothing."""
    if attempt.superseded_at:
        superseded.look(attempt, relay, clock)
    elif attempt.relay_task_id:
        _look(attempt, attempt.relay_task_id, relay, clock)
    else:
        _try_hints(attempt, relay, clock)


def _look(attempt: Attempt, task_id: str, relay: Relay, clock: Clock) -> None:
    if attempt.job.is_final:
        return
    try:
        task, said = relay.read(task_id)
    except RelayFault as fault:
        observe_nothing(attempt.job, fault, clock())
    else:
        observe(attempt.job, task, said, clock())


def _try_hints(attempt: Attempt, relay: Relay, clock: Clock) -> None:
    """Each task that callbacks claimed, until one of them is confirmed."""
    for task_id in attempt.hints:
        try:
            task, said = relay.read(task_id)
        except RelayFault:
            continue
        if adopt(attempt, task, said, clock()):
            return
