"""The sweep finds what is due whatever was lost; the pace follows the job's age."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from django.db.models import F

from generations.accounts.models import User
from generations.jobs import poller, quiet, sending
from generations.jobs.models import Attempt, Exchange, Job
from generations.jobs.states import State
from generations.projects.models import Project
from generations.relay.client import AsyncRelay
from generations.relay.errors import UnknownTask
from generations.relay.exchange import Exchange as Said
from generations.relay.wire import Phase, Task
from tests import wakeups
from tests.builders import NOW, answering, job, relay_says, running_job

LATER = NOW + dt.timedelta(minutes=10)


def test_sweep_wakes_for_a_queued_job_whose_wake_up_was_lost(project: Project, ben: User) -> None:
    job(project, ben)
    wakeups.forget()
    assert (poller.sweep(NOW), wakeups.names()) == (0, [])
    assert (poller.sweep(LATER), wakeups.names()) == (1, ["submit_job"])


def test_second_sweep_in_the_lease_wakes_nobody(project: Project, ben: User) -> None:
    job(project, ben)
    wakeups.forget()
    assert [poller.sweep(LATER), poller.sweep(LATER)] == [1, 0]
    assert wakeups.names() == ["submit_job"]


def test_running_jobs_are_polled_in_one_batch(project: Project, ben: User) -> None:
    jobs = [running_job(project, ben, task_id=f"task_{n}") for n in range(3)]
    wakeups.forget()
    poller.sweep(LATER)
    (wake_up,) = wakeups.waiting()
    assert set(wake_up.arguments[0]) == {str(made.pk) for made in jobs}


def test_sending_without_a_sender_becomes_unknown(project: Project, ben: User) -> None:
    made = job(project, ben)
    made.advance(State.SENDING, now=NOW, next_action_at=NOW + dt.timedelta(minutes=4))
    poller.sweep(NOW + dt.timedelta(minutes=5))
    made.refresh_from_db()
    assert (made.state, made.next_action_at) == ("unknown", None)


@pytest.mark.parametrize(("age_seconds", "pace"), [(0, 1), (5, 1), (60, 6), (200, 20), (3600, 30), (10**6, 30)])
def test_pace_follows_the_age(age_seconds: int, pace: float) -> None:
    made = Job(running_at=NOW - dt.timedelta(seconds=age_seconds))
    assert poller.pace_seconds(made, NOW) == pace


def polled(jobs: list[Job], answer: Callable[[str], httpx.Response], now: dt.datetime = LATER) -> None:
    """One poll of these jobs; `answer` gives what the relay says of a task id."""
    transport = httpx.MockTransport(lambda request: answer(request.url.path.rpartition("/")[2]))
    reader = poller.Reader(AsyncRelay("https://relay.example/v1", "sbx-test", transport, pools=1))
    try:
        poller.poll([str(made.pk) for made in jobs], reader, lambda: now)
    finally:
        reader.close()


def running(task_id: str) -> httpx.Response:
    return relay_says({"task_id": task_id, "status": "in_progress", "progress": "40%"})


@pytest.fixture
def three(project: Project, ben: User) -> list[Job]:
    return [running_job(project, ben, task_id=f"task_{n}") for n in range(3)]


def test_quiet_polls_are_written_together(three: list[Job], django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(5):  # the looks; then in one transaction: progress, exchanges
        polled(three, running)
    assert set(Job.objects.values_list("progress", "relay_status", "version")) == {(40, "in_progress", 4)}
    assert Exchange.objects.filter(method="GET").count() == 3


def test_poll_without_news_writes_nothing(three: list[Job], django_assert_num_queries: Any) -> None:
    polled(three, running)
    with django_assert_num_queries(1):
        polled(three, running)


def test_progress_of_a_job_that_was_changed_meanwhile_is_left_out(three: list[Job]) -> None:
    changed = Job.objects.filter(pk=three[0].pk)
    looks = quiet.looks_at(str(made.pk) for made in three)
    changed.update(version=F("version") + 1)
    said = Said(method="GET", path="/", status=200)
    quiet.note([(look, (Task.from_json({"id": look.task_id, "progress": "40%"}), said)) for look in looks], LATER)
    assert (changed.get().progress, {made.progress for made in Job.objects.exclude(pk=three[0].pk)}) == (None, {40})


def test_silence_is_dated_once_and_ends_with_an_answer(three: list[Job]) -> None:
    for minutes in (0, 5):
        polled(three, lambda _: httpx.Response(502), LATER + dt.timedelta(minutes=minutes))
    assert set(Job.objects.values_list("state", "unanswered_since")) == {("running", LATER)}
    polled(three, running)
    assert set(Job.objects.values_list("unanswered_since", flat=True)) == {None}


def test_one_of_many_that_is_done_moves_alone(three: list[Job]) -> None:
    def answer(task_id: str) -> httpx.Response:
        done = {"task_id": task_id, "status": "succeeded", "url": "https://cdn.example/clip.mp4"}
        return relay_says(done) if task_id == "task_1" else running(task_id)

    polled(three, answer)
    assert sorted(Job.objects.values_list("state", flat=True)) == ["fetching", "running", "running"]


class Answers:
    """A reader that has an answer ready for each task."""

    def __init__(self, *tasks: Task) -> None:
        self.tasks = {str(task.task_id): task for task in tasks}

    def read_all(self, task_ids: list[str]) -> dict[str, poller.Reading]:
        said = Said(method="GET", path="/video/generations/", status=200)
        return {task_id: (self.tasks[task_id], said) for task_id in task_ids}


def test_answer_that_cannot_be_taken_keeps_no_other_job_from_its_own(project: Project, ben: User) -> None:
    jobs = [running_job(project, ben, task_id=task_id) for task_id in ("task_1", "task_2")]
    beyond_a_column = Task(task_id="task_1", phase=Phase.DONE, quota=2**62)
    answers = Answers(beyond_a_column, Task(task_id="task_2", phase=Phase.FAILED))
    poller.poll([str(made.pk) for made in jobs], answers, lambda: NOW)  # type: ignore[arg-type]
    assert [Job.objects.get(pk=made.pk).state for made in jobs] == ["running", "failed"]


def look_of(made: Job) -> quiet.Look:
    return quiet.looks_at([str(made.pk)])[0]


def test_second_pulse_that_saw_the_same_job_wakes_nobody(project: Project, ben: User) -> None:
    made = job(project, ben)
    wakeups.forget()
    for _ in range(2):
        poller._wake_each([made], "submit_job", poller.QUEUED_LEASE, LATER)
    assert wakeups.names() == ["submit_job"]


def test_sweep_passes_over_what_was_moved_meanwhile(project: Project, ben: User) -> None:
    made = running_job(project, ben)
    poller._unless_overtaken(sending.give_up_sending, made, LATER)
    assert Job.objects.get().state == "running"


def test_answer_about_a_job_that_was_moved_meanwhile_is_dropped(project: Project, ben: User) -> None:
    made = running_job(project, ben)
    look, task = look_of(made), Task.from_json({"task_id": "task_1", "status": "failed"})
    made.change(progress=5)
    poller._apply(look, (task, Said(method="GET", path="/")), NOW)
    assert Job.objects.get().state == "running"


def test_task_disowned_for_a_day_is_left_to_a_person(project: Project, ben: User) -> None:
    made = running_job(project, ben)
    made.change(unanswered_since=NOW - dt.timedelta(hours=25))
    unknown = UnknownTask("no such task", status=404, exchange=Said(method="GET", path="/"))
    poller._apply(look_of(made), unknown, NOW)
    assert Job.objects.get().state == "unknown"


def attempt_of(made: Job) -> Attempt:
    return Attempt.objects.select_related("job__price", "job__sku", "hold").get(job=made)


def test_callback_has_the_bound_task_looked_at(project: Project, ben: User) -> None:
    made = running_job(project, ben)
    failed = relay_says({"task_id": "task_1", "status": "failed"})
    poller.observe_attempt(attempt_of(made), answering(failed), lambda: NOW)
    poller.observe_attempt(attempt_of(made), answering(), lambda: NOW)  # it is over: nobody is asked
    assert Job.objects.get().state == "failed"


def test_look_without_an_answer_is_noted(project: Project, ben: User) -> None:
    made = running_job(project, ben)
    poller.observe_attempt(attempt_of(made), answering(httpx.ReadTimeout("silent")), lambda: NOW)
    assert (Job.objects.get().state, Job.objects.get().unanswered_since) == ("running", NOW)


def test_claims_are_tried_until_one_is_confirmed(project: Project, ben: User) -> None:
    made = job(project, ben)
    made.advance(State.SENDING, now=NOW)
    Attempt.objects.update(hints=["task_9", "task_8", "task_1"])
    other = {"task_id": "task_8", "status": "running", "model": "minimax-h3-2k"}
    answers = (httpx.ReadTimeout("silent"), relay_says(other), relay_says({"task_id": "task_1", "status": "queued"}))
    poller.observe_attempt(attempt_of(made), answering(*answers), lambda: NOW)
    assert (Job.objects.get().state, Attempt.objects.get().relay_task_id) == ("running", "task_1")
