"""Approvals: the frozen request, races of deciding, expiring, cancelling and sending; and the pause before sending."""

import datetime as dt
from collections.abc import Callable

import pytest

from generations.accounts.models import User
from generations.jobs import approvals, invariants, lifecycle, poller, sending
from generations.jobs.models import Attempt, Job
from generations.jobs.states import Overtaken, State
from generations.ledger import budgets
from generations.ledger.models import Budget, BudgetMonth, Currency
from generations.projects.models import Project
from tests import builders
from tests.builders import NOW


@pytest.fixture
def asking(project: Project) -> Project:
    """Everything is asked for."""
    budgets.set_ask_above(budgets.budget_of(Budget.Scope.STUDIO, Currency.SBX), 0, NOW)
    return project


def fresh(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


def held() -> set[int]:
    return set(BudgetMonth.objects.values_list("held_micros", flat=True))


def test_money_is_held_from_the_asking(asking: Project, ben: User) -> None:
    job = builders.job(asking, ben)
    assert (job.state, held()) == ("awaiting_approval", {job.estimate_micros})
    assert invariants.violations(NOW) == []


def test_amount_itself_need_not_be_asked_for(asking: Project, ben: User) -> None:
    estimate = builders.job(asking, ben).estimate_micros
    budgets.set_ask_above(Budget.objects.get(scope="studio"), estimate, NOW)
    assert builders.job(asking, ben).state == "queued"


def test_same_key_gives_the_same_ask(asking: Project, ben: User) -> None:
    assert builders.job(asking, ben, key="k").pk == builders.job(asking, ben, key="k").pk


def test_waiting_job_is_never_sent(asking: Project, ben: User) -> None:
    job = builders.job(asking, ben)
    with pytest.raises(Overtaken):
        sending.send(job, builders.answering(), lambda: NOW)
    assert poller.sweep(NOW + dt.timedelta(days=6)) == 0


def test_approved_job_runs_exactly_what_was_asked(asking: Project, ben: User, ann: User) -> None:
    job = builders.job(asking, ben, prompt="Frozen words")
    approvals.approve(job, actor=ann, now=NOW)
    answer = builders.relay_says({"task_id": "task_1", "status": "submitted"})
    sending.send(fresh(job), builders.answering(answer), lambda: NOW)
    attempt = Attempt.objects.get()
    assert (fresh(job).state, attempt.approved_by, attempt.hold_id) == ("running", ann, job.attempt.hold_id)
    assert (attempt.request_body or {})["prompt"] == "Frozen words"


@pytest.mark.parametrize("state", [State.QUEUED, State.UNKNOWN])
def test_only_a_waiting_job_is_approved(asking: Project, ben: User, ann: User, state: State) -> None:
    job = builders.job(asking, ben)
    Job.objects.filter(pk=job.pk).update(state=state)
    with pytest.raises(Overtaken):
        approvals.approve(fresh(job), actor=ann, now=NOW)


@pytest.mark.parametrize("who", ["ben", "vic", "cat", "bill"])
def test_who_may_not_decide(asking: Project, ben: User, request: pytest.FixtureRequest, who: str) -> None:
    job, person = builders.job(asking, ben), request.getfixturevalue(who)
    with pytest.raises(approvals.MayNotDecide):
        approvals.approve(job, actor=person, now=NOW)
    with pytest.raises(approvals.MayNotDecide):
        approvals.reject(job, actor=person, why="no", now=NOW)
    assert fresh(job).state == "awaiting_approval"


def test_rejected_job_gives_its_money_back(asking: Project, ben: User, ann: User) -> None:
    job = builders.job(asking, ben)
    approvals.reject(job, actor=ann, why="Too dear", now=NOW)
    assert (fresh(job).state, fresh(job).failure_message, held()) == ("cancelled", "Too dear", {0})
    assert invariants.violations(NOW) == []


def test_ask_expires_by_the_sweep(asking: Project, ben: User) -> None:
    job = builders.job(asking, ben)
    poller.sweep(NOW + approvals.WAITS_FOR)
    assert (fresh(job).state, fresh(job).failure_code, held()) == ("cancelled", "not_approved", {0})


def test_approved_in_time_does_not_expire(asking: Project, ben: User, ann: User) -> None:
    job = builders.job(asking, ben)
    stale = fresh(job)
    approvals.approve(job, actor=ann, now=NOW)
    with pytest.raises(Overtaken):
        approvals.expire(stale, NOW + approvals.WAITS_FOR)
    assert fresh(job).state == "queued"


type Act = Callable[[Job, User, User], object]
ACTS: dict[str, Act] = {
    "approve": lambda job, ann, ben: approvals.approve(job, actor=ann, now=NOW),
    "reject": lambda job, ann, ben: approvals.reject(job, actor=ann, why="no", now=NOW),
    "cancel": lambda job, ann, ben: lifecycle.cancel_job(job, actor=ben, now=NOW),
    "expire": lambda job, ann, ben: approvals.expire(job, NOW + approvals.WAITS_FOR),
}


@pytest.mark.parametrize("second", ACTS)
@pytest.mark.parametrize("first", ["approve", "reject", "cancel", "expire"])
def test_second_of_two_stale_decisions_changes_nothing_or_cancels(
    asking: Project, ben: User, ann: User, first: str, second: str
) -> None:
    job = builders.job(asking, ben)
    one, other = fresh(job), fresh(job)
    ACTS[first](one, ann, ben)
    state = fresh(job).state
    try:
        ACTS[second](other, ann, ben)
    except Overtaken:
        assert fresh(job).state == state
    else:
        assert (second, fresh(job).state) == ("cancel", "cancelled")
    assert invariants.violations(NOW) == []


@pytest.mark.parametrize("scope", ["studio", "project", "user"])
def test_paused_job_waits_in_the_queue_and_goes_on_after(project: Project, ben: User, ann: User, scope: str) -> None:
    job = builders.job(project, ben)
    row = budgets.budgets_for(project, ben, Currency.SBX)[["studio", "project", "user"].index(scope)]
    budgets.pause(row, ann, NOW)
    sending.send(job, builders.answering(), lambda: NOW)
    assert (fresh(job).state, fresh(job).waiting_reason[:6]) == ("queued", "Paused")
    budgets.resume(row, NOW)
    answer = builders.relay_says({"task_id": "task_1", "status": "submitted"})
    sending.send(fresh(job), builders.answering(answer), lambda: NOW)
    assert fresh(job).state == "running"


def test_pause_after_the_look_still_stops_the_sending(
    project: Project, ben: User, ann: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody pauses between the look and the transaction that commits SENDING."""
    job = builders.job(project, ben)

    def looked_then_paused(job: Job, now: dt.datetime) -> None:
        budgets.pause(budgets.budget_of(Budget.Scope.PROJECT, Currency.SBX, project=project), ann, now)

    monkeypatch.setattr(sending, "_blocked_until", looked_then_paused)
    with pytest.raises(Overtaken):
        sending.send(job, builders.answering(), lambda: NOW)
    assert fresh(job).state == "queued"


def test_ask_is_not_ended_before_its_time(asking: Project, ben: User) -> None:
    waiting = builders.job(asking, ben)
    with pytest.raises(Overtaken):
        approvals.expire(waiting, NOW + approvals.WAITS_FOR / 2)
    assert Job.objects.get().state == State.AWAITING_APPROVAL
