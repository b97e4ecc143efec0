"""Bugs that such studios have had, planted in the rooms of this process; each must be caught by some schedule."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

from django.db import transaction
from django.db.models import F

from generations.jobs import calls, fetcher, lifecycle, observing, poller, quiet, sending, superseded, unknowns
from generations.jobs.models import Attempt, Job
from generations.jobs.states import Overtaken, State
from generations.ledger import holds
from generations.relay.client import Relay
from generations.relay.errors import RelayFault, Unknown, UnknownTask
from generations.relay.exchange import Exchange
from generations.relay.wire import Malformed, Phase, Task

Patch = tuple[object, str, object]  # where, what, by what
BUGS: dict[str, Callable[[], Iterable[Patch]]] = {}


def bug(plant: Callable[[], Iterable[Patch]]) -> Callable[[], Iterable[Patch]]:
    BUGS[plant.__name__] = plant
    return plant


@contextmanager
def planted(name: str) -> Iterator[None]:
    """The rooms with this bug; '' is none."""
    with ExitStack() as stack:
        for where, what, by in BUGS[name]() if name else ():
            stack.enter_context(mock.patch.object(where, what, by))
        yield


# ------------------------------------------------------------------ who may write


@bug
def no_compare_and_set() -> Iterable[Patch]:
    """A job is written whoever has moved it since it was read."""

    def change(self: Job, **changes: Any) -> None:
        Job.objects.filter(pk=self.pk).update(version=F("version") + 1, **changes)
        self.version += 1
        for field, value in changes.items():
            setattr(self, field, value)

    yield Job, "change", change


@bug
def no_fencing() -> Iterable[Patch]:
    """A worker that comes back late writes its answer down, whatever has become of the job."""

    def bind(job: Job, attempt: Attempt, task_id: str, now: dt.datetime, actor: object = None) -> bool:
        Job.objects.filter(pk=job.pk).update(state=State.RUNNING, finished_at=None, next_action_at=now)
        Attempt.objects.filter(pk=attempt.pk).update(relay_task_id=task_id, answered_at=now)
        old, job.state = job.state, State.RUNNING
        job.record(job.events.model.Name.STATE, now=now, old_state=old)
        return True

    yield sending, "bind", bind


@bug
def final_states_move() -> Iterable[Patch]:
    """A report that comes after the end moves the job all the same."""

    def look(attempt: Attempt, task_id: str, relay: Relay, clock: sending.Clock) -> None:
        try:
            task, said = relay.read(task_id)
        except RelayFault:
            return
        job = attempt.job
        observing.observe(job, task, said, clock())
        state = {Phase.DONE: State.FETCHING, Phase.FAILED: State.FAILED}.get(task.phase, State.RUNNING)
        if job.state != state and job.state in {State.FETCHING, State.SUCCEEDED, State.FAILED}:
            Job.objects.filter(pk=job.pk).update(state=state, finished_at=None, next_action_at=clock())

    yield calls, "_matters", lambda attempt: True
    yield poller, "_look", look


@bug
def succeeds_without_bytes() -> Iterable[Patch]:
    """A download that failed is taken for the end of it."""

    def put_off(job: Job, tries: object, problem: Exception, now: dt.datetime) -> None:
        job.advance(State.SUCCEEDED, now=now)

    yield fetcher, "_put_off", put_off


# ------------------------------------------------------------------ sending


@bug
def retry_after_timeout() -> Iterable[Patch]:
    """What may have been accepted is sent again."""
    judged = sending._not_running

    def not_running(job: Job, *told: Any) -> None:
        fault, now = told[-2:]
        if isinstance(fault, Unknown):
            sending._again(job, now, "no answer", now)
        else:
            judged(job, *told)

    yield sending, "_not_running", not_running


@bug
def sends_again_after_death() -> Iterable[Patch]:
    """A job whose worker died while sending goes back to the queue."""

    def give_up(job: Job, now: dt.datetime) -> None:
        sending._again(job, now, "its worker died", now)

    yield poller, "give_up_sending", give_up


@bug
def posts_inside_a_transaction() -> Iterable[Patch]:
    """SENDING is committed together with the answer, not before."""
    send = sending.send

    def held_open(*args: Any) -> None:
        with transaction.atomic():
            send(*args)

    yield sending, "send", held_open


@bug
def rights_are_not_read_again() -> Iterable[Patch]:
    """What allowed the send is read before the transaction that commits it."""
    commit, why_not = sending._commit_sending, sending._why_not

    def commit_unseen(job: Job, now: dt.datetime) -> object:
        with mock.patch.object(sending, "_why_not", return_value=""):
            return commit(job, now)

    yield sending, "_commit_sending", commit_unseen
    yield sending, "_why_not", why_not


@bug
def pressed_twice_made_twice() -> Iterable[Patch]:
    """Each press of the same form is a job."""
    queue_job, pressed = lifecycle.queue_job, iter(range(10**6))

    def each(*, key: str, **others: Any) -> Job:
        return queue_job(key=f"{key}-{next(pressed)}", **others)

    yield lifecycle, "queue_job", each


# ------------------------------------------------------------------ believing


@bug
def trusts_a_callback() -> Iterable[Patch]:
    """A callback's own words move the job."""
    take = calls.take

    def believe(attempt: Attempt, claimed: str, body: bytes, now: dt.datetime) -> None:
        try:
            task = Task.from_json(json.loads(body))
        except (Malformed, ValueError):
            return
        said = Exchange(method="POST", path="/callback")
        if attempt.relay_task_id:
            observing.observe(attempt.job, task, said, now)
        else:
            take(attempt, claimed, body, now)

    yield calls, "take", believe


@bug
def binds_a_foreign_task() -> Iterable[Patch]:
    """Whatever task a callback names is taken for the job's own."""
    yield observing, "disagreement", lambda attempt, task: ""
    yield unknowns, "disagreement", lambda attempt, task: ""
    yield superseded, "disagreement", lambda attempt, task: ""


def _failing(is_failure: Callable[[RelayFault], bool]) -> Callable[[Job, RelayFault, dt.datetime], None]:
    def observe_nothing(job: Job, fault: RelayFault, now: dt.datetime) -> None:
        if not is_failure(fault) or job.state != State.RUNNING:
            return
        try:
            with transaction.atomic():
                job.advance(State.FAILED, now=now, failure_code="no_answer")
                holds.release(job.attempt.hold, now)
        except Overtaken:
            return

    return observe_nothing


@bug
def refunds_on_a_poll_timeout() -> Iterable[Patch]:
    """A read without an answer is a failure of the task."""
    yield quiet, "is_quiet", lambda *_: False
    yield poller, "observe_nothing", _failing(lambda fault: not isinstance(fault, UnknownTask))


@bug
def not_found_is_failed() -> Iterable[Patch]:
    """A task that the relay does not know just now has failed."""
    yield quiet, "is_quiet", lambda *_: False
    yield poller, "observe_nothing", _failing(lambda fault: isinstance(fault, UnknownTask))


@bug
def late_is_failed() -> Iterable[Patch]:
    """A job that takes longer than ten minutes is given up, and its money back."""
    observe = observing.observe

    def impatient(job: Job, task: Task, said: Exchange, now: dt.datetime) -> None:
        is_late = job.running_at and now - job.running_at > dt.timedelta(minutes=10)
        if is_late and job.state == State.RUNNING and task.phase is Phase.RENDERING:
            _failing(lambda _: True)(job, Unknown("late", exchange=said), now)
        else:
            observe(job, task, said, now)

    yield quiet, "is_quiet", lambda *_: False
    yield poller, "observe", impatient


# ------------------------------------------------------------------ liveness


@bug
def needs_wake_ups() -> Iterable[Patch]:
    """Nobody looks at a job whose wake-up was lost."""
    yield poller, "_wake_each", lambda *_: None


@bug
def nobody_gives_up_sending() -> Iterable[Patch]:
    """A job whose worker died while sending stays there."""
    yield poller, "give_up_sending", lambda job, now: None


@bug
def one_look_only() -> Iterable[Patch]:
    """A running job is looked at again only when a callback asks for it."""
    yield poller, "_wake_polls", lambda jobs, now: None
