"""Asked for, cancelled, tried again: what moves, and what does not."""

import datetime as dt

import pytest
from django.db import IntegrityError

from generations.accounts.models import User
from generations.catalog.pricing import NoPrice
from generations.jobs import lifecycle, observing, sending
from generations.jobs.models import Job
from generations.jobs.states import Overtaken, State
from generations.ledger import budgets
from generations.ledger.models import Currency, Entry, Hold
from generations.projects.models import Project
from generations.relay.exchange import Exchange as Said
from generations.relay.wire import Task
from tests import wakeups
from tests.builders import NOW, answering, ask, job, running_job

SAID = Said(method="GET", path="/video/generations/task_1", status=200)


def test_queue_job_holds_the_estimate_and_wakes_a_worker(project: Project, ben: User) -> None:
    made = job(project, ben)
    assert (made.state, made.estimate_micros, made.attempt.hold.amount_micros) == ("queued", 336_263, 336_263)
    assert wakeups.waiting() == [wakeups.WakeUp("submit_job", (str(made.pk),))]
    assert budgets.month_of(project, Currency.SBX, NOW).held_micros == 336_263


def test_same_key_is_the_same_job(project: Project, ben: User) -> None:
    first, second = (job(project, ben, key="form-1") for _ in range(2))
    assert first == second
    assert (Job.objects.count(), Hold.objects.count(), len(wakeups.waiting())) == (1, 1, 1)


def test_same_key_with_another_request_is_refused(project: Project, ben: User) -> None:
    job(project, ben, key="form-1")
    with pytest.raises(lifecycle.KeyReused):
        job(project, ben, key="form-1", seconds=5)
    assert Hold.objects.count() == 1


def test_over_budget_makes_no_job(project: Project, ben: User) -> None:
    budgets.set_project_limit(project, Currency.SBX, 300_000, NOW)
    with pytest.raises(budgets.OverBudget):
        job(project, ben)
    assert (Job.objects.count(), Hold.objects.count(), Entry.objects.count(), len(wakeups.waiting())) == (0, 0, 0, 0)


def test_archived_project_takes_no_job(project: Project, ben: User) -> None:
    project.archived_at = NOW
    with pytest.raises(lifecycle.ProjectArchived):
        job(project, ben)


def test_model_without_price_takes_no_job(project: Project, ben: User) -> None:
    from generations.catalog.models import PriceList

    PriceList.objects.create(number=99, source="an empty list")
    with pytest.raises(NoPrice):
        job(project, ben)
    assert Hold.objects.count() == 0


def test_cancel_before_sending_releases_the_hold(project: Project, ben: User) -> None:
    made = job(project, ben)
    assert lifecycle.cancel_job(made, actor=ben, now=NOW)
    assert (made.state, made.attempt.hold.state) == ("cancelled", "released")
    assert budgets.month_of(project, Currency.SBX, NOW).held_micros == 0


def test_cancel_twice_is_harmless(project: Project, ben: User) -> None:
    made = job(project, ben)
    stale = Job.objects.get(pk=made.pk)
    assert lifecycle.cancel_job(made, actor=ben, now=NOW)
    assert lifecycle.cancel_job(stale, actor=ben, now=NOW)
    assert Entry.objects.filter(kind="release").count() == 1


def test_cancel_after_sending_only_leaves_a_flag(project: Project, ben: User) -> None:
    made = running_job(project, ben)
    assert not lifecycle.cancel_job(made, actor=ben, now=NOW)
    made.refresh_from_db()
    assert (made.state, made.cancel_requested_at, made.attempt.hold.state) == ("running", NOW, "open")


def test_retry_asks_for_the_same_with_a_hold_of_its_own(project: Project, ben: User, ann: User) -> None:
    first = job(project, ben)
    lifecycle.cancel_job(first, actor=ben, now=NOW)
    again = lifecycle.retry_job(first, user=ann, key="again", now=NOW)
    assert (again.parent, again.user, lifecycle.ask_of(again)) == (first, ann, ask())
    assert again.attempt.hold != first.attempt.hold


def test_retry_of_an_unfinished_job_is_refused(project: Project, ben: User) -> None:
    with pytest.raises(lifecycle.NotFinal):
        lifecycle.retry_job(running_job(project, ben), user=ben, key="again", now=NOW)


@pytest.mark.parametrize(("state", "is_early"), [(state, state in {"queued", "awaiting_approval"}) for state in State])
def test_can_cancel_only_before_the_relay_has_it(state: State, is_early: bool) -> None:
    assert lifecycle.can_cancel(Job(state=state)) is is_early


def test_job_of_a_removed_member_is_cancelled_not_sent(project: Project, ben: User) -> None:
    made = job(project, ben)
    project.memberships.filter(user=ben).delete()
    sending.send(made, answering(), lambda: NOW)
    assert (made.state, made.attempt.hold.state) == ("cancelled", "released")


def test_member_removed_after_the_claim_is_not_sent(project: Project, ben: User) -> None:
    """The clock is read between the first look at the rights and the commit of SENDING, which looks again."""
    made = job(project, ben)

    def leaving() -> dt.datetime:
        project.memberships.filter(user=ben).delete()
        return NOW

    with pytest.raises(Overtaken):
        sending.send(made, answering(), leaving)
    assert Job.objects.get().state == "queued"


def test_press_that_another_press_overtook_gives_its_job(
    project: Project, ben: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the question and the insert: the unique index decides, and the first one's job is shown."""
    first = job(project, ben, key="one")
    seen = iter([None, first])
    monkeypatch.setattr(lifecycle, "_same", lambda *_: next(seen))
    assert job(project, ben, key="one") == first
    assert Job.objects.count() == 1


def test_insert_that_fails_for_another_reason_is_told(
    project: Project, ben: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    job(project, ben, key="one")
    monkeypatch.setattr(lifecycle, "_same", lambda *_: None)
    with pytest.raises(IntegrityError):
        job(project, ben, key="one")


def test_cancel_of_a_job_that_has_ended_meanwhile_leaves_it(project: Project, ben: User) -> None:
    stale = running_job(project, ben)
    observing.observe(Job.objects.get(), Task.from_json({"task_id": "task_1", "status": "failed"}), SAID, NOW)
    assert not lifecycle.cancel_job(stale, actor=ben, now=NOW)
    assert (stale.state, stale.cancel_requested_at) == ("failed", None)
