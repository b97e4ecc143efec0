"""An attempt that a person has sent again over. Should the relay have it too, it is paid and its clip kept as well.

Its job goes on by the newer attempt; the older one's hold stays open until the relay, or a person, settles it.
"""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet, Sum

from generations import queue
from generations.accounts.models import User
from generations.jobs import leases
from generations.jobs.exchanges import keep_exchange, record_anomaly
from generations.jobs.fetcher import FAULTS, bring, drop_aside, verdict
from generations.jobs.models import Attempt, Job, JobEvent, Output
from generations.jobs.observing import cost_of, disagreement, moment
from generations.jobs.outputs import POSITIONS
from generations.jobs.sending import Clock
from generations.ledger import holds
from generations.ledger.models import Hold
from generations.media.library import illustrate_later
from generations.net import errors as net
from generations.relay.client import Relay
from generations.relay.errors import RelayFault
from generations.relay.exchange import Exchange as Said
from generations.relay.wire import Phase, Task

FARTHEST = dt.timedelta(minutes=15)  # nobody puts a look off for longer
LOOK_EVERY = dt.timedelta(seconds=30)


def wake_due(now: dt.datetime) -> int:
    """Wakes a worker for each superseded attempt that somebody must look at; how many there were."""
    is_lost = Q(look_at__gt=now + FARTHEST)  # the clock was set back
    due = list(Attempt.objects.filter(Q(look_at__lte=now) | is_lost).select_related("hold")[:200])
    for attempt in due:
        if Attempt.objects.filter(pk=attempt.pk, look_at=attempt.look_at).update(look_at=now + leases.LEASE):
            _wake(attempt)
    return len(due)


def _wake(attempt: Attempt) -> None:
    if attempt.hold.state == Hold.State.OPEN:
        queue.wake("observe_job", attempt.pk)
    elif spare := spare_of(attempt).filter(media=None, archive_reason="").first():
        queue.wake("fetch_spare", str(spare.pk))
    else:
        Attempt.objects.filter(pk=attempt.pk).update(look_at=None)


def spare_of(attempt: Attempt) -> QuerySet[Output]:
    """The clip of this attempt beside the job's own, which stands at position 0; or its images."""
    first = attempt.number * POSITIONS
    of_attempt = Q(position=attempt.number) | Q(position__gte=first, position__lt=first + POSITIONS)
    return Output.objects.filter(of_attempt, job_id=attempt.job_id)


def look(attempt: Attempt, relay: Relay, clock: Clock) -> None:
    """One read of the relay, of its task or of those that callbacks claimed for it."""
    for task_id in [attempt.relay_task_id] if attempt.relay_task_id else attempt.hints:
        try:
            task, said = relay.read(task_id)
        except RelayFault:
            continue
        if attempt.relay_task_id:
            settle(attempt, task, said, clock())
        elif adopt(attempt, task, said, clock()):
            return


def adopt(attempt: Attempt, task: Task, said: Said, now: dt.datetime) -> bool:
    """Binds the task, if it can be this attempt's and nobody else's, and settles what there is to settle."""
    if reason := disagreement(attempt, task):
        record_anomaly(attempt.job, reason, now)
        return False
    try:
        with transaction.atomic():
            free = Attempt.objects.filter(pk=attempt.pk, relay_task_id=None, hold__state=Hold.State.OPEN)
            if free.update(relay_task_id=task.task_id, answered_at=now, look_at=now + LOOK_EVERY) != 1:
                return False
            _tell(attempt, f"the relay has it, as {task.task_id}.", now)
    except IntegrityError:
        record_anomaly(attempt.job, "A callback named a task that belongs to another job.", now)
        return False
    settle(attempt, task, said, now)
    return True


def settle(attempt: Attempt, task: Task, said: Said, now: dt.datetime) -> None:
    """Charges or releases its hold by the relay's verdict; twice is harmless."""
    try:
        with transaction.atomic():
            if task.phase is Phase.DONE:
                _pay(attempt, task, said, now)
            elif task.phase is Phase.FAILED:
                release(attempt, f"the relay says that it failed: {task.error_message}", now)
                keep_exchange(attempt, said, now)
    except holds.AlreadySettled:
        return


def _pay(attempt: Attempt, task: Task, said: Said, now: dt.datetime) -> None:
    cost = cost_of(attempt.job, task)
    holds.charge(attempt.hold, cost, now)
    spare = Output.objects.create(
        job=attempt.job,
        position=attempt.number,
        source_url=task.url or "",
        expires_at=moment(task.expires_at),
        created_at=now,
    )
    Job.objects.filter(pk=attempt.job_id).update(cost_micros=paid_micros(attempt.job))
    Attempt.objects.filter(pk=attempt.pk).update(look_at=now + leases.LEASE)
    _tell(attempt, "the relay made it too: it is paid, and its clip is kept beside the other.", now)
    keep_exchange(attempt, said, now)
    queue.wake("fetch_spare", str(spare.pk))


def paid_micros(job: Job) -> int:
    """What all attempts of the job were charged so far."""
    charged = Hold.objects.filter(attempt__job=job).aggregate(total=Sum("charged_micros"))
    return int(charged["total"] or 0)


def release(attempt: Attempt, why: str, now: dt.datetime, actor: User | None = None) -> None:
    """Gives its hold back. Raises AlreadySettled."""
    holds.release(attempt.hold, now)
    Attempt.objects.filter(pk=attempt.pk).update(look_at=None)
    _tell(attempt, why, now, actor)


def _tell(attempt: Attempt, what: str, now: dt.datetime, actor: User | None = None) -> None:
    attempt.job.record(JobEvent.Name.RESOLVED, now=now, actor=actor, text=f"Attempt {attempt.number}: {what}")


def fetch_spare(output: Output, relay: Relay, clock: Clock) -> None:
    """One try to keep the clip of a superseded attempt; the sweep comes back until a day has passed."""
    if output.media_id or output.archive_reason:
        return
    attempt = output.job.attempts.get(number=output.attempt_number)
    same = Output.objects.filter(pk=output.pk, media=None)
    try:
        media = bring(output, str(attempt.relay_task_id), relay)
    except FAULTS as problem:
        if isinstance(problem, net.Gone) and not output.is_image:
            same.update(source_url="")
        if reason := verdict(output, problem, clock()):
            same.update(archive_reason=reason)
    else:
        same.update(media=media)
        illustrate_later(media)
        drop_aside(output)
