"""What the simulator found: clocks that lie, waits longer than anybody should sleep, a breaker half open."""

import datetime as dt

import httpx
import pytest

from generations.accounts.models import User
from generations.jobs import breaker, calls, invariants, lifecycle, observing, poller, sending, unknowns
from generations.jobs.models import Attempt, Breaker, Job
from generations.jobs.states import State
from generations.projects.models import Project
from generations.relay.client import Relay
from generations.relay.exchange import Exchange
from generations.relay.wire import Task
from tests import builders, wakeups
from tests.builders import NOW

HOUR = dt.timedelta(hours=1)


def limited(seconds: int) -> httpx.Response:
    return builders.relay_says({"error": {"message": "slow down"}}, 429, **{"Retry-After": str(seconds)})


def test_a_long_retry_after_keeps_the_breaker_shut_but_somebody_looks(project: Project, ann: User) -> None:
    job = builders.job(project, ann)
    sending.send(job, builders.answering(limited(20_000)), lambda: NOW)
    assert invariants.violations(NOW) == []
    assert Breaker.objects.get().paused_until == NOW + dt.timedelta(seconds=20_000)
    fresh = Job.objects.get(pk=job.pk)
    sending.send(fresh, builders.answering(), lambda: NOW + HOUR)
    assert (fresh.state, invariants.violations(NOW + HOUR)) == ("queued", [])


def test_a_clock_set_back_leaves_no_job_unseen(project: Project, ann: User) -> None:
    job = builders.running_job(project, ann)
    poller.sweep(NOW - HOUR)
    assert Job.objects.get(pk=job.pk).next_action_at == NOW - HOUR + dt.timedelta(seconds=45)


def test_a_clock_set_back_leaves_no_breaker_open(project: Project, ann: User) -> None:
    breaker.open_for(True, "no balance", NOW)
    assert breaker.blocked_until(True, NOW - HOUR) is None


def test_a_breaker_never_stands_open_without_its_probe(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that died between the two writes left a studio that sent nothing any more."""

    def die(*_: object) -> None:
        raise SystemExit

    monkeypatch.setattr("generations.health.alerts.sound", die)
    with pytest.raises(SystemExit):
        breaker.open_for(True, "no balance", NOW)
    assert Breaker.objects.get().opened_at is None


def test_a_cancel_under_a_clock_set_back_breaks_no_rule(project: Project, ann: User) -> None:
    job = builders.running_job(project, ann)
    lifecycle.cancel_job(job, actor=ann, now=NOW - HOUR)
    assert [found.name for found in invariants.violations(NOW)] == []


def test_a_late_answer_with_anothers_task_moves_nothing(project: Project, ann: User) -> None:
    """The worker comes back after the sweep gave its job up; it once ended in a traceback."""
    builders.running_job(project, ann, task_id="task_1")
    job = builders.job(project, ann)

    def answer(request: httpx.Request) -> httpx.Response:
        sending.give_up_sending(Job.objects.get(pk=job.pk), NOW)
        return builders.relay_says({"task_id": "task_1", "status": "submitted"})

    relay = Relay("https://relay.example/v1", "sbx-test", httpx.MockTransport(answer))
    sending.send(Job.objects.get(pk=job.pk), relay, lambda: NOW)
    assert Job.objects.get(pk=job.pk).state == "unknown"
    assert job.events.filter(name="anomaly").count() == 1


def test_a_disowned_task_that_comes_back_is_polled_again(project: Project, ann: User) -> None:
    """Its callback made it running again, and nobody looked at it from then on."""
    job = builders.running_job(project, ann, task_id="task_1")
    job.advance(State.UNKNOWN, now=NOW, next_action_at=None)
    task = Task.from_json({"task_id": "task_1", "status": "running"})
    observing.observe(job, task, Exchange(method="GET", path="/"), NOW)
    assert (job.state, invariants.violations(NOW)) == ("running", [])


def test_a_send_after_a_cancel_is_found(project: Project, ann: User) -> None:
    job = builders.job(project, ann)
    job.record(job.events.model.Name.CANCEL_REQUESTED, now=NOW, actor=ann)
    answer = builders.relay_says({"task_id": "task_1", "status": "submitted"})
    sending.send(job, builders.answering(answer), lambda: NOW)
    assert [found.name for found in invariants.violations(NOW)] == ["I13 no send after a cancel"]


def test_a_clock_set_back_leaves_no_hint_and_no_inquiry_unseen(project: Project, ann: User) -> None:
    job = builders.job(project, ann)
    sending.send(job, builders.answering(httpx.ReadError("reset")), lambda: NOW)
    unknowns.attach(job.attempt, task_id="task_1", actor=ann, now=NOW)
    Attempt.objects.update(hints=["task_1"], look_at=NOW)
    wakeups.forget()
    poller.sweep(NOW - HOUR)
    poller.sweep(NOW - HOUR)
    assert wakeups.names() == ["observe_job", "inquire"]


def test_a_clock_set_back_drops_no_callback(project: Project, ann: User) -> None:
    builders.running_job(project, ann)
    Attempt.objects.update(woken_at=NOW)
    wakeups.forget()
    calls.take(Attempt.objects.select_related("job", "hold").get(), "task_1", b"{}", NOW - HOUR)
    assert wakeups.names() == ["observe_job"]
