"""An attempt that was sent again over: followed beside its job, paid once, its clip kept as well."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from django.db import connection

from generations.accounts.models import User
from generations.jobs import poller, sending, superseded, unknowns
from generations.jobs.invariants import violations
from generations.jobs.models import Attempt, Job, Output
from generations.ledger import holds
from generations.net import errors as net
from generations.projects.models import Project
from generations.relay.wire import Task
from tests import wakeups
from tests.builders import NOW, answering, job, relay_says, running_job
from tests.jobs.test_unknowns import DONE, RUNNING, SAID, first_of

LATER = NOW + dt.timedelta(minutes=5)
UNKNOWN = relay_says({"code": "task_not_exist", "message": "task not exist", "data": None}, 404)


@pytest.fixture
def first(project: Project, ben: User, ann: User) -> Attempt:
    """Its answer was lost; it was sent again, and the second attempt renders as task_2."""
    made = job(project, ben)
    sending.send(made, answering(httpx.ReadError("reset")), lambda: NOW)
    unknowns.send_again(Job.objects.get().attempt, actor=ann, now=NOW)
    sending.send(Job.objects.get(), answering(relay_says({"task_id": "task_2", "status": "queued"})), lambda: NOW)
    wakeups.forget()
    return first_of(made)


def claim(*task_ids: str) -> Attempt:
    Attempt.objects.filter(number=1).update(hints=list(task_ids), look_at=NOW)
    return first_of(Job.objects.get())


def pay(first: Attempt) -> Output:
    Attempt.objects.filter(pk=first.pk).update(relay_task_id="task_1")
    superseded.settle(first, Task.from_json(DONE), SAID, NOW)
    wakeups.forget()
    return Output.objects.get()


def test_two_sweeps_wake_one_look(first: Attempt) -> None:
    claim("task_1")
    assert [superseded.wake_due(LATER), superseded.wake_due(LATER)] == [1, 0]
    assert wakeups.names() == ["observe_job"]


def test_paid_one_is_woken_until_its_clip_is_kept(first: Attempt) -> None:
    spare = pay(first)
    Attempt.objects.filter(pk=first.pk).update(look_at=NOW)
    superseded.wake_due(LATER)
    assert wakeups.names() == ["fetch_spare"]
    Output.objects.filter(pk=spare.pk).update(archive_reason="expired")
    superseded.wake_due(LATER + dt.timedelta(hours=1))
    assert first_of(first.job).look_at is None


def test_claim_that_the_relay_does_not_know_is_passed_over(first: Attempt) -> None:
    poller.observe_attempt(claim("task_9", "task_1"), answering(UNKNOWN, relay_says(RUNNING)), lambda: NOW)
    assert first_of(first.job).relay_task_id == "task_1"


def test_claim_of_another_model_is_written_down_and_the_next_one_tried(first: Attempt) -> None:
    other = relay_says({"task_id": "task_9", "status": "running", "model": "minimax-h3-2k"})
    poller.observe_attempt(claim("task_9", "task_1"), answering(other, relay_says(RUNNING)), lambda: NOW)
    assert first_of(first.job).relay_task_id == "task_1"
    assert first.job.events.filter(name="anomaly").count() == 1


def test_no_claim_holds(first: Attempt) -> None:
    poller.observe_attempt(claim("task_9"), answering(UNKNOWN), lambda: NOW)
    assert first_of(first.job).relay_task_id is None


def test_task_that_another_job_took_in_the_meantime_is_not_bound(
    first: Attempt, project: Project, ben: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the comparison and the write: the unique index decides."""
    running_job(project, ben, task_id="task_1")
    monkeypatch.setattr(superseded, "disagreement", lambda *_: "")
    assert not superseded.adopt(first, Task.from_json(RUNNING), SAID, NOW)
    assert first.job.events.filter(name="anomaly").count() == 1
    assert violations(NOW) == []


def test_attempt_that_a_person_settled_is_not_bound(first: Attempt, ann: User) -> None:
    unknowns.confirm_not_made(first_of(first.job), actor=ann, reason="looked", now=NOW)
    assert not superseded.adopt(first, Task.from_json(RUNNING), SAID, NOW)


def test_second_verdict_pays_nothing(first: Attempt) -> None:
    pay(first)
    superseded.settle(first, Task.from_json(DONE), SAID, NOW)
    assert Output.objects.count() == 1
    with pytest.raises(holds.AlreadySettled):
        superseded.release(first, "again", NOW)


def test_spare_clip_that_is_settled_is_left_alone(first: Attempt) -> None:
    spare = pay(first)
    spare.archive_reason = "expired"
    superseded.fetch_spare(spare, answering(), lambda: NOW)
    assert Output.objects.get().media is None


def test_spare_clip_at_a_forbidden_address_is_given_up(first: Attempt) -> None:
    spare = pay(first)
    spare.source_url = "https://127.0.0.1/clip.mp4"
    superseded.fetch_spare(spare, answering(), lambda: NOW)
    assert Output.objects.get().archive_reason == "forbidden"


def test_pulse_that_another_pulse_overtook_wakes_nobody(first: Attempt) -> None:
    claim("task_1")

    overtaken: list[int] = []

    def rival(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql.startswith("UPDATE") and not overtaken:
            overtaken.append(1)
            Attempt.objects.update(look_at=LATER + dt.timedelta(minutes=1))
        return execute(sql, *rest)

    with connection.execute_wrapper(rival):
        assert superseded.wake_due(LATER) == 1
    assert wakeups.names() == []


@pytest.mark.parametrize(
    ("problem", "reason"), [(net.DiskFull("no room"), ""), (net.Unreachable("silence"), "expired")]
)
def test_spare_clip_is_given_up_after_a_day_but_not_for_want_of_room(
    first: Attempt, monkeypatch: pytest.MonkeyPatch, problem: Exception, reason: str
) -> None:
    def fails(*_: object) -> None:
        raise problem

    monkeypatch.setattr(superseded, "bring", fails)
    superseded.fetch_spare(pay(first), answering(), lambda: NOW + dt.timedelta(hours=25))
    assert Output.objects.get().archive_reason == reason


def test_spare_clip_whose_link_has_gone_is_asked_for_anew(first: Attempt, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> None:
        raise net.Gone("404", status=404)

    monkeypatch.setattr(superseded, "bring", gone)
    superseded.fetch_spare(pay(first), answering(), lambda: NOW)
    assert (Output.objects.get().source_url, Output.objects.get().archive_reason) == ("", "")
