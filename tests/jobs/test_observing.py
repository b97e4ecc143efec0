"""Observing: what the relay says moves the job and its money, once; what contradicts is written down."""

import datetime as dt
from typing import Any

import pytest

from generations.accounts.models import User
from generations.jobs import observing
from generations.jobs.models import Attempt, Job, JobEvent, Output
from generations.jobs.states import State
from generations.ledger.models import Entry
from generations.projects.models import Project
from generations.relay.errors import UnknownTask, Unreadable
from generations.relay.exchange import Exchange as Said
from generations.relay.wire import Task
from tests.builders import NOW, job, running_job

SAID = Said(method="GET", path="/video/generations/task_1", status=200)
DONE = {"task_id": "task_1", "status": "succeeded", "url": "https://cdn.example/clip.mp4"}
FAILED = {"task_id": "task_1", "status": "failed", "error": {"code": "Sensitive", "message": "content blocked"}}
RUNNING = {"task_id": "task_1", "status": "running"}


def observe(made: Job, body: dict[str, Any], now: dt.datetime = NOW) -> Job:
    observing.observe(Job.objects.get(pk=made.pk), Task.from_json(body), SAID, now)
    return Job.objects.get(pk=made.pk)


def test_done_charges_and_fetches(project: Project, ben: User) -> None:
    made = observe(running_job(project, ben), DONE)
    assert (made.state, made.cost_micros, made.attempt.hold.state) == ("fetching", 336_263, "charged")
    assert Output.objects.get().source_url == DONE["url"]


@pytest.mark.parametrize(
    ("told", "cost_micros"),
    [
        ({"quota": 100_000}, 200_000),
        ({"usage": {"total_tokens": 40_000}}, 350_000),
        ({"quota": 100_000, "usage": {"total_tokens": 40_000}}, 200_000),
        ({"quota": 0}, 0),
        ({}, 336_263),
    ],
)
def test_cost_is_quota_else_tokens_else_estimate(
    project: Project, ben: User, told: dict[str, Any], cost_micros: int
) -> None:
    made = observe(running_job(project, ben), DONE | told)
    assert made.cost_micros == made.attempt.hold.charged_micros == cost_micros


def test_tokens_mean_nothing_at_a_price_per_second(project: Project, ben: User) -> None:
    made = running_job(project, ben, model="happyhorse-1.0", resolution="720p", audio=True)
    assert observe(made, DONE | {"usage": {"total_tokens": 5}}).cost_micros == 4 * 139_100


def test_failed_releases_and_says_why(project: Project, ben: User) -> None:
    made = observe(running_job(project, ben), FAILED)
    assert (made.state, made.attempt.hold.state, made.cost_micros) == ("failed", "released", None)
    assert (made.failure_code, made.failure_message) == ("Sensitive", "content blocked")


def test_done_twice_charges_once(project: Project, ben: User) -> None:
    made = running_job(project, ben)
    observe(made, DONE)
    observe(made, DONE)
    assert (Entry.objects.filter(kind="charge").count(), Output.objects.count()) == (1, 1)


def test_two_observers_of_the_same_moment_charge_once(project: Project, ben: User) -> None:
    made = running_job(project, ben)
    first, second = (Job.objects.get(pk=made.pk) for _ in range(2))
    for seen in (first, second):
        observing.observe(seen, Task.from_json(DONE), SAID, NOW)
    assert Entry.objects.filter(kind="charge").count() == 1


@pytest.mark.parametrize(("first", "then"), [(DONE, FAILED), (FAILED, DONE), (DONE, RUNNING), (FAILED, RUNNING)])
def test_contradiction_is_recorded_and_moves_nothing(
    project: Project, ben: User, first: dict[str, Any], then: dict[str, Any]
) -> None:
    made = observe(running_job(project, ben), first)
    later = observe(observe(made, then), then)
    assert (later.state, later.version) == (made.state, made.version)
    assert later.events.filter(name=JobEvent.Name.ANOMALY).count() == 1


def test_unknown_status_word_goes_on_running(project: Project, ben: User) -> None:
    made = observe(running_job(project, ben), {"task_id": "task_1", "status": "polishing"})
    assert (made.state, made.relay_status, made.attempt.hold.state) == ("running", "polishing", "open")


def test_progress_is_written_only_when_new(project: Project, ben: User) -> None:
    half = {"task_id": "task_1", "status": "running", "progress": "50%"}
    first = observe(running_job(project, ben), half)
    assert (first.progress, observe(first, half).version) == (50, first.version)


@pytest.mark.parametrize("fault", [Unreadable, UnknownTask])
def test_no_answer_changes_no_state(project: Project, ben: User, fault: type) -> None:
    made = running_job(project, ben)
    problem = Unreadable("?", exchange=SAID) if fault is Unreadable else UnknownTask("?", exchange=SAID, status=404)
    observing.observe_nothing(made, problem, NOW)
    observing.observe_nothing(made, problem, NOW + dt.timedelta(hours=23))
    assert (made.state, made.attempt.hold.state) == ("running", "open")


def test_outage_of_days_never_fails_or_releases(project: Project, ben: User) -> None:
    made = running_job(project, ben)
    for day in range(5):
        observing.observe_nothing(made, Unreadable("?", exchange=SAID), NOW + dt.timedelta(days=day))
    assert (made.state, made.attempt.hold.state) == ("running", "open")


def test_task_disowned_for_a_day_is_unknown_and_comes_back(project: Project, ben: User) -> None:
    made = running_job(project, ben)
    for hours in (0, 25):
        gone = UnknownTask("task not exist", exchange=SAID, status=404)
        observing.observe_nothing(made, gone, NOW + dt.timedelta(hours=hours))
    assert (made.state, made.attempt.hold.state) == ("unknown", "open")
    assert observe(made, DONE).state == "fetching"


def lost(project: Project, ben: User) -> Attempt:
    made = job(project, ben)
    made.advance(State.SENDING, now=NOW)
    made.advance(State.UNKNOWN, now=NOW, next_action_at=None)
    return made.attempt


def test_adopted_task_resolves_the_unknown(project: Project, ben: User) -> None:
    attempt = lost(project, ben)
    observing.adopt(attempt, Task.from_json(DONE | {"model": "doubao-seedance-2-0-480p"}), SAID, NOW)
    attempt.job.refresh_from_db()
    assert (attempt.job.state, Attempt.objects.get().relay_task_id) == ("fetching", "task_1")


def test_task_of_another_model_is_not_adopted(project: Project, ben: User) -> None:
    attempt = lost(project, ben)
    observing.adopt(attempt, Task.from_json(DONE | {"model": "minimax-h3-2k"}), SAID, NOW)
    assert (attempt.job.state, attempt.job.events.last().name) == ("unknown", "anomaly")  # type: ignore[union-attr]


def test_task_of_another_job_is_not_adopted(project: Project, ben: User) -> None:
    running_job(project, ben, task_id="task_1")
    attempt = lost(project, ben)
    observing.adopt(attempt, Task.from_json(DONE), SAID, NOW)
    attempt.refresh_from_db()
    assert (attempt.job.state, attempt.relay_task_id) == ("unknown", None)


def test_percentage_alone_is_kept_without_an_exchange(project: Project, ben: User) -> None:
    made = running_job(project, ben)
    for percent in (10, 20):
        observe(made, RUNNING | {"progress": percent})
    assert (Job.objects.get().progress, made.attempt.exchanges.filter(method="GET").count()) == (20, 1)


def test_silence_says_nothing_of_a_job_that_does_not_run(project: Project, ben: User) -> None:
    made = job(project, ben)
    observing.observe_nothing(made, Unreadable("away", exchange=SAID), NOW)
    assert (made.state, made.unanswered_since) == ("queued", None)


def test_silence_about_a_job_that_was_moved_meanwhile_is_dropped(project: Project, ben: User) -> None:
    made = running_job(project, ben)
    observe(made, RUNNING | {"progress": 10})
    observing.observe_nothing(made, Unreadable("away", exchange=SAID), NOW)
    assert (made.progress, made.unanswered_since) == (10, None)


def adopted(made: Job, body: dict[str, Any]) -> bool:
    return observing.adopt(made.attempt, Task.from_json(body), SAID, NOW)


def test_claim_for_a_job_that_waits_is_not_bound(project: Project, ben: User) -> None:
    assert not adopted(job(project, ben), RUNNING)
    assert Attempt.objects.get().relay_task_id is None


def test_claim_for_a_job_that_somebody_else_has_bound_needs_no_other(project: Project, ben: User) -> None:
    made = job(project, ben)
    made.advance(State.SENDING, now=NOW)
    stale = Attempt.objects.select_related("job__sku").get()
    assert adopted(Job.objects.get(), RUNNING)
    assert observing.adopt(stale, Task.from_json(RUNNING), SAID, NOW)
    assert Job.objects.get().events.filter(new_state="running").count() == 1


def test_task_that_another_attempt_took_in_the_meantime_is_not_bound(
    project: Project, ben: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the comparison and the write: the unique index decides."""
    running_job(project, ben, task_id="task_1")
    made = job(project, ben)
    made.advance(State.SENDING, now=NOW)
    monkeypatch.setattr(observing, "disagreement", lambda *_: "")
    assert not adopted(made, RUNNING)
    assert JobEvent.objects.get(name="anomaly").job_id == made.pk
