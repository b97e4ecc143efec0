"""The one place that reads what the relay says of a task; poll, callback and sweep all end in `observe`."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from generations import queue
from generations.catalog.models import Unit
from generations.jobs import showing
from generations.jobs.exchanges import keep_exchange, record_anomaly
from generations.jobs.models import Attempt, Job, Output
from generations.jobs.sending import bind
from generations.jobs.states import FINAL, Overtaken, State
from generations.ledger import holds
from generations.ledger.models import Hold
from generations.relay.errors import RelayFault, UnknownTask
from generations.relay.exchange import Exchange as Said
from generations.relay.wire import Phase, Task

DISOWNED_FOR = dt.timedelta(hours=24)  # "no such task" for so long, and a person must look


def observe(job: Job, task: Task, said: Said, now: dt.datetime) -> None:
    """Moves the job by what the relay says of its task. Somebody else moving it first is no error."""
    try:
        if job.state == State.UNKNOWN and job.attempt.relay_task_id == task.task_id:
            soon = now + dt.timedelta(seconds=1)
            job.advance(State.RUNNING, now=now, running_at=job.running_at or now, next_action_at=soon)
        if job.state == State.RUNNING:
            _follow(job, task, said, now)
        else:
            _contradict(job, task, now)
    except (Overtaken, holds.AlreadySettled):
        job.refresh_from_db()


def _follow(job: Job, task: Task, said: Said, now: dt.datetime) -> None:
    match task.phase:
        case Phase.DONE:
            _done(job, task, said, now)
        case Phase.FAILED:
            _failed(job, task, said, now)
        case _:
            _progress(job, task, said, now)


@transaction.atomic
def _done(job: Job, task: Task, said: Said, now: dt.datetime) -> None:
    """Paid: the charge is posted, and the bytes are kept from here on, however long that takes."""
    cost = cost_of(job, task)
    attempt = job.attempt
    paid_before = sum(hold.charged_micros or 0 for hold in Hold.objects.filter(attempt__job=job))
    job.advance(
        State.FETCHING,
        now=now,
        cost_micros=paid_before + cost,
        progress=100,
        relay_status=task.status[:40],
        next_action_at=now + dt.timedelta(seconds=5),
    )
    holds.charge(attempt.hold, cost, now)
    Output.objects.create(job=job, source_url=task.url or "", expires_at=moment(task.expires_at), created_at=now)
    keep_exchange(attempt, said, now)
    queue.wake("fetch_job", str(job.pk))


def cost_of(job: Job, task: Task) -> int:
    """What the relay says that it cost: its quota, else its tokens at the pinned price, else the estimate."""
    per_token = job.price.amount_micros if job.price.unit == Unit.PER_MILLION_TOKENS else None
    said = task.cost_micros(per_token)
    return job.estimate_micros if said is None else said


@transaction.atomic
def _failed(job: Job, task: Task, said: Said, now: dt.datetime) -> None:
    attempt = job.attempt
    message = task.error_message or "The relay gave no reason."
    job.advance(
        State.FAILED,
        now=now,
        note=message,
        failure_code=task.error_code[:120],
        failure_message=message,
        relay_status=task.status[:40],
    )
    holds.release(attempt.hold, now)
    keep_exchange(attempt, said, now)
    showing.stopped_working(job, message, now)


def _progress(job: Job, task: Task, said: Said, now: dt.datetime) -> None:
    """Written only when something is new."""
    status = task.status[:40]
    if (job.progress, job.relay_status, job.unanswered_since) != (task.progress, status, None):
        if job.relay_status != status:
            keep_exchange(job.attempt, said, now)
        job.change(progress=task.progress, relay_status=status, unanswered_since=None)


def _contradict(job: Job, task: Task, now: dt.datetime) -> None:
    """Final and paid states absorb: what contradicts them is written down and moves nothing."""
    agrees = {
        State.FETCHING: {Phase.DONE},
        State.SUCCEEDED: {Phase.DONE},
        State.FAILED: {Phase.FAILED},
    }.get(State(job.state), set(Phase))
    if task.phase not in agrees:
        record_anomaly(job, f"The relay now says “{task.status}”.", now)


def observe_nothing(job: Job, fault: RelayFault, now: dt.datetime) -> None:
    """A read without an answer changes nothing, however often; a task disowned for a day needs a person."""
    try:
        if job.state != State.RUNNING:
            return
        if job.unanswered_since is None:
            keep_exchange(job.attempt, fault.exchange, now)
            job.change(unanswered_since=now)
        elif isinstance(fault, UnknownTask) and now - job.unanswered_since > DISOWNED_FOR:
            note = f"The relay has not known the task for a day: {fault.message}"
            job.advance(State.UNKNOWN, now=now, note=note, next_action_at=None, failure_message=note)
    except Overtaken:
        job.refresh_from_db()


def adopt(attempt: Attempt, task: Task, said: Said, now: dt.datetime) -> bool:
    """A callback named a task for an attempt without one, and the relay confirms that it has it.

    It is bound (True) only if what the relay echoes agrees with what we sent and no other attempt has it.
    """
    job = attempt.job
    if reason := disagreement(attempt, task):
        record_anomaly(job, f"A callback named {task.task_id}: {reason}", now)
    elif job.state in FINAL:
        record_anomaly(job, f"The relay has {task.task_id}, though this was settled as never made.", now)
    elif job.state in {State.SENDING, State.UNKNOWN} and task.task_id:
        return _bind(attempt, task, said, now)
    return False


def _bind(attempt: Attempt, task: Task, said: Said, now: dt.datetime) -> bool:
    try:
        if not bind(attempt.job, attempt, str(task.task_id), now):
            record_anomaly(attempt.job, f"A callback named {task.task_id}: it belongs to another attempt.", now)
            return False
    except Overtaken:
        return True  # somebody else has bound or moved it: no other hint is needed
    keep_exchange(attempt, said, now)
    observe(attempt.job, task, said, now)
    return True


def disagreement(attempt: Attempt, task: Task) -> str:
    """Why this task can not be the attempt's, by what the relay echoes of our request; '' where nothing speaks against.

    Not every shape echoes.
    """
    asked = attempt.request_body or {}
    if task.model and task.model != asked.get("model", attempt.job.sku.relay_model):
        return f"it is of another model ({task.model})."
    seconds = task.raw.get("seconds")
    if isinstance(seconds, str) and seconds.isdecimal() and seconds != asked.get("seconds", seconds):
        return f"it is of another length ({seconds} s)."
    if Attempt.objects.filter(relay_task_id=task.task_id).exclude(pk=attempt.pk).exists():
        return "it belongs to another attempt."
    return ""


def moment(unix_seconds: int | None) -> dt.datetime | None:
    return dt.datetime.fromtimestamp(unix_seconds, dt.UTC) if unix_seconds else None
