"""Unknown outcomes: taken on, attached, confirmed as not made, sent again; each moves once, whoever comes first."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from django.db import connection
from django.db.models import Sum

from generations.accounts.models import User
from generations.jobs import observing, poller, sending, superseded, unknowns
from generations.jobs.invariants import violations
from generations.jobs.lifecycle import ProjectArchived
from generations.jobs.models import Attempt, Inquiry, Job, Output
from generations.jobs.states import State
from generations.ledger import budgets
from generations.ledger.models import BudgetMonth, Currency, Hold
from generations.projects.models import Project
from generations.relay.client import Relay
from generations.relay.exchange import Exchange as Said
from generations.relay.wire import Task
from tests import wakeups
from tests.builders import NOW, answering, job, relay_says, running_job

MODEL = "doubao-seedance-2-0-480p"
RUNNING = {"task_id": "task_1", "status": "running", "model": MODEL}
DONE = {"task_id": "task_1", "status": "succeeded", "url": "https://cdn.example/clip.mp4", "quota": 100_000}
SAID = Said(method="GET", path="/video/generations/task_1", status=200)


@pytest.fixture
def lost(project: Project, ben: User) -> Job:
    """Sent, and the connection reset before an answer came."""
    made = job(project, ben)
    sending.send(made, answering(httpx.ReadError("reset by peer")), lambda: NOW)
    wakeups.forget()
    return Job.objects.get(pk=made.pk)


def newest(made: Job) -> Attempt:
    return Job.objects.get(pk=made.pk).attempt


def asked(made: Job, actor: User, *answers: Any, task_id: str = "task_1", now: dt.datetime = NOW) -> Inquiry:
    """The inquiry, after the relay has given these answers."""
    inquiry = unknowns.attach(newest(made), task_id=task_id, actor=actor, now=now)
    unknowns.inquire(Inquiry.objects.get(pk=inquiry.pk), answering(*answers), lambda: now)
    return Inquiry.objects.get(pk=inquiry.pk)


def sound() -> bool:
    return violations(NOW) == []


def held() -> int:
    return int(Hold.objects.filter(state="open").aggregate(total=Sum("amount_micros"))["total"] or 0)


def test_lost_job_is_open_since_it_was_lost(lost: Job, ann: User, vic: User, cat: User) -> None:
    (attempt,) = unknowns.open_attempts()
    assert (attempt.job, attempt.since) == (lost, NOW)  # type: ignore[attr-defined]
    assert [unknowns.open_to(person).count() for person in (ann, vic, cat)] == [1, 0, 0]


def test_admin_may_resolve_all(lost: Job, ada: User) -> None:
    assert unknowns.open_to(ada).count() == 1


def test_claim_names_an_owner_and_twice_is_once(lost: Job, ann: User) -> None:
    for _ in range(2):
        unknowns.claim(Job.objects.get(), ann, NOW)
    assert (Job.objects.get().owner, lost.events.filter(name="claimed").count()) == (ann, 1)


def test_owner_is_nobody_once_it_is_known(lost: Job, ann: User) -> None:
    unknowns.claim(lost, ann, NOW)
    asked(lost, ann, relay_says(RUNNING))
    assert Job.objects.get().owner is None


def test_attached_task_lets_the_job_go_on(lost: Job, ann: User) -> None:
    inquiry = asked(lost, ann, relay_says(RUNNING))
    made = Job.objects.get()
    assert (inquiry.verdict, made.state, made.attempt.relay_task_id) == ("bound", "running", "task_1")
    assert made.events.get(new_state="running").actor == ann
    assert sound()


def test_attached_task_that_is_done_is_paid_at_once(lost: Job, ann: User) -> None:
    asked(lost, ann, relay_says(DONE))
    assert (Job.objects.get().state, Hold.objects.get().charged_micros) == ("fetching", 200_000)
    assert sound()


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (relay_says(RUNNING | {"model": "minimax-h3-2k"}), "differs"),
        (relay_says(RUNNING | {"seconds": "15"}), "differs"),
        (relay_says({"code": "task_not_exist", "message": "task not exist", "data": None}, 404), "no_such_task"),
    ],
)
def test_task_that_can_not_be_it_is_refused(lost: Job, ann: User, answer: httpx.Response, verdict: str) -> None:
    inquiry = asked(lost, ann, answer)
    assert (inquiry.verdict, Job.objects.get().state, newest(lost).relay_task_id) == (verdict, "unknown", None)


def test_task_of_another_attempt_is_refused(lost: Job, project: Project, ann: User, ben: User) -> None:
    running_job(project, ben, task_id="task_1")
    inquiry = asked(lost, ann, relay_says(RUNNING))
    lost.refresh_from_db()
    assert (inquiry.verdict, lost.state) == ("taken", "unknown")


def test_no_answer_is_asked_again_then_given_up(lost: Job, ann: User) -> None:
    inquiry = asked(lost, ann, httpx.ReadTimeout("silent"))
    assert (inquiry.verdict, inquiry.look_at) == ("", NOW + unknowns.ASK_AGAIN)
    later = NOW + dt.timedelta(minutes=11)
    poller.sweep(later)
    assert "inquire" in wakeups.names()
    unknowns.inquire(inquiry, answering(httpx.ReadTimeout("silent")), lambda: later)
    assert Inquiry.objects.get().verdict == "no_answer"


def test_same_id_twice_is_one_inquiry_and_one_wake_up(lost: Job, ann: User) -> None:
    for _ in range(2):
        unknowns.attach(newest(lost), task_id="task_1", actor=ann, now=NOW)
    assert (Inquiry.objects.count(), len(wakeups.waiting())) == (1, 1)


@pytest.mark.parametrize("task_id", ["", "task 1", "../models", "x" * 300, "<b>"])
def test_odd_id_is_not_asked_about(lost: Job, ann: User, task_id: str) -> None:
    with pytest.raises(unknowns.NotATaskId):
        unknowns.attach(newest(lost), task_id=task_id, actor=ann, now=NOW)


def test_callback_that_is_faster_wins(lost: Job, ann: User) -> None:
    inquiry = unknowns.attach(newest(lost), task_id="task_2", actor=ann, now=NOW)
    observing.adopt(newest(lost), Task.from_json(RUNNING), SAID, NOW)
    unknowns.inquire(Inquiry.objects.get(pk=inquiry.pk), answering(), lambda: NOW)
    assert (Inquiry.objects.get().verdict, newest(lost).relay_task_id) == ("too_late", "task_1")


def test_not_made_releases_and_tells_who_said_so(lost: Job, ann: User) -> None:
    unknowns.confirm_not_made(newest(lost), actor=ann, reason="not in the console", now=NOW)
    made = Job.objects.get()
    assert (made.state, Hold.objects.get().state, made.failure_code) == ("failed", "released", "not_made")
    event = made.events.get(new_state="failed")
    assert (event.actor, event.text) == (ann, "Not made, as Ann confirmed: not in the console")
    assert sound()


def test_not_made_ends_a_job_that_was_to_be_cancelled_as_cancelled(lost: Job, ann: User) -> None:
    Job.objects.update(cancel_requested_at=NOW + dt.timedelta(seconds=1))
    unknowns.confirm_not_made(newest(lost), actor=ann, reason="looked", now=NOW)
    assert Job.objects.get().state == "cancelled"


def not_made(attempt: Attempt, ann: User) -> None:
    unknowns.confirm_not_made(attempt, actor=ann, reason="looked", now=NOW)


def again(attempt: Attempt, ann: User) -> None:
    unknowns.send_again(attempt, actor=ann, now=NOW)


def claimed(attempt: Attempt, ann: User) -> None:
    unknowns.claim(attempt.job, ann, NOW)


def attached(attempt: Attempt, ann: User) -> None:
    unknowns.attach(attempt, task_id="task_9", actor=ann, now=NOW)


@pytest.mark.parametrize("verb", [not_made, again, claimed, attached])
@pytest.mark.parametrize("first", [not_made, again])
def test_second_press_changes_nothing(
    lost: Job, ann: User, first: Callable[..., None], verb: Callable[..., None]
) -> None:
    stale = newest(lost)
    first(newest(lost), ann)
    before = (held(), Attempt.objects.count(), Job.objects.get().version)
    if (first, verb) in {(again, not_made), (again, attached)}:  # of the first attempt it is still not known
        return
    with pytest.raises(unknowns.Resolved):
        verb(stale, ann)
    assert (held(), Attempt.objects.count(), Job.objects.get().version) == before


def test_sent_again_holds_twice_and_keeps_the_first(lost: Job, ann: User) -> None:
    again(newest(lost), ann)
    made, attempts = Job.objects.get(), list(Attempt.objects.all())
    assert (made.state, [attempt.number for attempt in attempts]) == ("queued", [1, 2])
    assert (attempts[1].approved_by, held()) == (ann, 2 * made.estimate_micros)
    assert [attempt.number for attempt in unknowns.open_attempts()] == [1]
    assert sound()


def test_sent_again_over_the_limit_moves_nothing(lost: Job, project: Project, ann: User) -> None:
    budgets.set_project_limit(project, Currency.SBX, lost.estimate_micros, NOW)
    with pytest.raises(budgets.OverBudget):
        again(newest(lost), ann)
    assert (Job.objects.get().state, Attempt.objects.count(), held()) == ("unknown", 1, lost.estimate_micros)
    assert sound()


@pytest.fixture
def both(lost: Job, ann: User) -> Job:
    """Sent again, and the second attempt renders as task_2; of the first nothing is known."""
    again(newest(lost), ann)
    sending.send(Job.objects.get(), answering(relay_says({"task_id": "task_2", "status": "queued"})), lambda: NOW)
    wakeups.forget()
    return Job.objects.get()


def first_of(made: Job) -> Attempt:
    return Attempt.objects.select_related("hold", "job__price", "job__sku").get(job=made, number=1)


def test_first_attempt_found_too_is_paid_and_kept_beside(both: Job, ann: User) -> None:
    asked_of = unknowns.attach(first_of(both), task_id="task_1", actor=ann, now=NOW)
    unknowns.inquire(Inquiry.objects.get(pk=asked_of.pk), answering(relay_says(DONE)), lambda: NOW)
    spare = Output.objects.get()
    assert (spare.position, first_of(both).hold.charged_micros, Job.objects.get().cost_micros) == (1, 200_000, 200_000)
    assert sound()
    observing.observe(Job.objects.get(), Task.from_json(DONE | {"task_id": "task_2"}), SAID, NOW)
    assert (Job.objects.get().cost_micros, BudgetMonth.objects.first().spent_micros) == (400_000, 400_000)  # type: ignore[union-attr]
    assert sound()


def test_first_attempt_found_late_by_callback_is_followed(both: Job) -> None:
    Attempt.objects.filter(number=1).update(hints=["task_1"])
    poller.observe_attempt(first_of(both), answering(relay_says(RUNNING)), lambda: NOW)
    assert first_of(both).relay_task_id == "task_1"
    poller.sweep(NOW + dt.timedelta(minutes=1))
    assert "observe_job" in wakeups.names()
    failed = {"task_id": "task_1", "status": "failed", "error": {"code": "x", "message": "frame 37 broke"}}
    poller.observe_attempt(first_of(both), answering(relay_says(failed)), lambda: NOW)
    assert (first_of(both).hold.state, Job.objects.get().state, unknowns.open_attempts().count()) == (
        "released",
        "running",
        0,
    )
    assert sound()


def test_first_attempt_confirmed_as_not_made_frees_its_hold_only(both: Job, ann: User) -> None:
    not_made(first_of(both), ann)
    assert (held(), Job.objects.get().state) == (both.estimate_micros, "running")
    with pytest.raises(unknowns.Resolved):
        not_made(first_of(both), ann)
    assert sound()


def test_answer_that_comes_after_it_was_sent_again_is_not_lost(project: Project, ben: User, ann: User) -> None:
    """The worker of the first attempt was thought dead, and comes back with its task."""
    made = job(project, ben)

    def meanwhile(request: httpx.Request) -> httpx.Response:
        with_lease = Job.objects.get(pk=made.pk)
        sending.give_up_sending(with_lease, NOW)
        again(newest(made), ann)
        return relay_says({"task_id": "task_1", "status": "queued"})

    relay = Relay("https://relay.example/v1", "sbx-test", httpx.MockTransport(meanwhile))
    sending.send(made, relay, lambda: NOW)
    assert first_of(made).hints == ["task_1"]
    poller.observe_attempt(first_of(made), answering(relay_says(RUNNING)), lambda: NOW)
    assert (first_of(made).relay_task_id, Job.objects.get().state) == ("task_1", "queued")
    assert sound()


def test_cancel_while_it_is_being_sent_does_not_lose_the_task(project: Project, ben: User) -> None:
    made = job(project, ben)

    def meanwhile(request: httpx.Request) -> httpx.Response:
        from generations.jobs.lifecycle import cancel_job

        cancel_job(Job.objects.get(pk=made.pk), actor=ben, now=NOW)
        return relay_says({"task_id": "task_1", "status": "queued"})

    sending.send(made, Relay("https://relay.example/v1", "sbx-test", httpx.MockTransport(meanwhile)), lambda: NOW)
    after = Job.objects.get()
    assert (after.state, after.attempt.relay_task_id, after.cancel_requested_at) == ("running", "task_1", NOW)


def test_spare_clip_that_has_gone_is_given_up_after_a_day(both: Job) -> None:
    Attempt.objects.filter(number=1).update(relay_task_id="task_1")
    superseded.settle(first_of(both), Task.from_json(DONE | {"url": ""}), SAID, NOW)
    spare, late = Output.objects.get(), NOW + dt.timedelta(hours=25)
    superseded.fetch_spare(spare, answering(httpx.ReadError("away")), lambda: NOW)
    assert Output.objects.get().archive_reason == ""
    superseded.fetch_spare(spare, answering(httpx.ReadError("away")), lambda: late)
    assert Output.objects.get().archive_reason == "expired"
    assert State(Job.objects.get().state) == State.RUNNING


def test_known_outcome_needs_nobody_to_look_after_it(project: Project, ann: User, ben: User) -> None:
    with pytest.raises(unknowns.Resolved):
        unknowns.claim(running_job(project, ben), ann, NOW)


def test_job_that_was_moved_meanwhile_is_resolved(lost: Job, ann: User) -> None:
    stale = newest(lost)
    Job.objects.get().change(owner=None)
    for verb in (not_made, claimed, again):
        with pytest.raises(unknowns.Resolved):
            verb(stale, ann)


def test_nothing_is_sent_again_in_an_archived_project(lost: Job, project: Project, ann: User) -> None:
    Project.objects.update(archived_at=NOW)
    with pytest.raises(ProjectArchived):
        again(newest(lost), ann)


def test_second_sweep_asks_no_second_time(lost: Job, ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    unknowns.attach(newest(lost), task_id="task_1", actor=ann, now=NOW)
    wakeups.forget()
    later = NOW + dt.timedelta(minutes=11)

    overtaken: list[int] = []

    def rival(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql.startswith("UPDATE") and not overtaken:
            overtaken.append(1)
            Inquiry.objects.update(look_at=later + dt.timedelta(minutes=1))
        return execute(sql, *rest)

    with connection.execute_wrapper(rival):
        assert unknowns.wake_due(later) == 1
    assert wakeups.names() == []


def test_decided_inquiry_asks_nobody(lost: Job, ann: User) -> None:
    inquiry = asked(lost, ann, relay_says(RUNNING))
    unknowns.inquire(inquiry, answering(), lambda: NOW)
    assert Inquiry.objects.get().verdict == "bound"


@pytest.mark.parametrize(("rival", "verdict"), [("bound", "taken"), ("moved", "too_late")])
def test_attached_task_that_somebody_was_faster_with(
    lost: Job, project: Project, ann: User, ben: User, rival: str, verdict: str
) -> None:
    """Between the relay's answer and our write."""
    inquiry = unknowns.attach(newest(lost), task_id="task_1", actor=ann, now=NOW)
    stale = Inquiry.objects.select_related("attempt__job").get(pk=inquiry.pk)
    assert stale.attempt.job.state == "unknown"
    if rival == "bound":
        running_job(project, ben, task_id="task_1")
    else:
        Job.objects.get(pk=lost.pk).change(owner=None)
    assert unknowns._take(stale, Task.from_json(RUNNING), SAID, NOW) == verdict
