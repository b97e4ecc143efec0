"""Events, marks, alerts and inquiries become notices: for whom, of which kind, each once."""

import datetime as dt

import pytest

from generations.accounts.models import Seat, User
from generations.health import alerts
from generations.jobs import approvals, breaker, lifecycle
from generations.jobs.models import Inquiry, Job
from generations.jobs.states import State
from generations.ledger import budgets
from generations.ledger.models import Budget, Currency
from generations.notices import choices, reading
from generations.notices.models import Kind, Notice, NoticeCursor
from generations.projects.models import Project
from tests import builders
from tests.builders import NOW
from tests.notices.conftest import failed, ready, told

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def asked(project: Project, ben: User, ada: User) -> Job:
    """Ben's job waits for somebody's word."""
    budgets.set_ask_above(budgets.budget_of(Budget.Scope.STUDIO, Currency.SBX), 0, NOW)
    return builders.job(project, ben)


def test_who_asked_for_a_clip_is_told_that_it_is_ready(project: Project, ben: User) -> None:
    ready(project, ben)
    assert told() == [("Ben", "ready")]


@pytest.mark.parametrize(("code", "kind"), [("", "failed"), ("OutputVideoSensitiveContentDetected", "blocked")])
def test_failure_and_refusal_are_two_kinds(project: Project, ben: User, code: str, kind: str) -> None:
    failed(project, ben, code=code)
    assert told() == [("Ben", kind)]


def test_reading_again_tells_nothing_twice(project: Project, ben: User) -> None:
    ready(project, ben)
    assert [reading.read(NOW), reading.read(NOW), reading.read(NOW + 5 * MINUTE)] == [1, 0, 0]


def test_event_that_was_committed_late_is_told(project: Project, ben: User) -> None:
    ready(project, ben)
    reading.read(NOW)
    first = Notice.objects.get()
    Notice.objects.all().delete()  # as if its event had been committed only now, after those that were read
    assert (reading.read(NOW + MINUTE / 2), Notice.objects.get().key) == (1, first.key)


def test_events_before_the_cursor_are_not_read_again(project: Project, ben: User) -> None:
    ready(project, ben)
    reading.read(NOW + 2 * MINUTE)
    Notice.objects.all().delete()
    assert reading.read(NOW + 3 * MINUTE) == 0


def test_studio_does_not_begin_with_its_past(project: Project, ben: User) -> None:
    ready(project, ben, NOW - dt.timedelta(hours=2))
    ready(project, ben)
    assert told() == [("Ben", "ready")]


def test_own_cancel_is_no_news_and_another_ones_is(project: Project, ben: User, ann: User) -> None:
    lifecycle.cancel_job(builders.job(project, ben), actor=ben, now=NOW)
    assert told() == []
    lifecycle.cancel_job(builders.job(project, ben), actor=ann, now=NOW)
    assert told() == [("Ben", "failed")]


def test_ask_is_told_to_those_who_decide(asked: Job) -> None:
    assert sorted(told()) == [("Ada", "asked"), ("Ann", "asked")]


def test_billing_seat_that_was_a_manager_is_not_asked(asked: Job, ann: User) -> None:
    User.objects.filter(pk=ann.pk).update(seat=Seat.BILLING)
    assert ("Ann", "asked") not in told()


def test_decisions_are_told_to_the_asker(asked: Job, ann: User, ben: User, project: Project) -> None:
    told()
    approvals.approve(asked, actor=ann, now=NOW)
    approvals.reject(builders.job(project, ben), actor=ann, why="Too dear", now=NOW)
    late = builders.job(project, ben)
    approvals.expire(late, NOW + approvals.WAITS_FOR)
    kinds = [kind for name, kind in told(NOW + approvals.WAITS_FOR) if name == "Ben"]
    assert kinds == ["approved", "rejected", "lapsed"]


def test_unknown_outcome_is_told_to_all_who_may_end_it(project: Project, ben: User, ada: User, vic: User) -> None:
    job = builders.job(project, ben)
    job.advance(State.SENDING, now=NOW)
    job.advance(State.UNKNOWN, now=NOW)
    assert sorted(told()) == [("Ada", "unknown"), ("Ann", "unknown"), ("Ben", "unknown")]


def test_marks_are_told_to_who_bounds_the_budget(project: Project, ben: User, bill: User, ada: User) -> None:
    for scope, owner in (("studio", {}), ("project", {"project": project}), ("user", {"user": ben})):
        budgets.set_limit(budgets.budget_of(Budget.Scope(scope), Currency.SBX, **owner), 400_000, NOW)
    builders.job(project, ben)
    people = {(notice.user.name, notice.mark.month.budget.scope) for notice in _marks() if notice.mark}
    assert people == {
        ("Ada", "studio"),
        ("Bill", "studio"),
        ("Bill", "project"),
        ("Ann", "project"),
        ("Ben", "user"),
    }


def _marks() -> list[Notice]:
    reading.read(NOW)
    return list(Notice.objects.filter(kind=Kind.MARK).select_related("user", "mark__month__budget"))


def test_pause_and_its_end_are_told_to_admins(project: Project, ada: User, ben: User) -> None:
    breaker.open_for(True, "invalid key", NOW)
    assert told() == [("Ada", "paused")]
    breaker.close(True, NOW + MINUTE)
    assert told(NOW + MINUTE) == [("Ada", "paused"), ("Ada", "resumed")]


def test_end_of_a_pause_that_lasted_for_days_is_told(project: Project, ada: User) -> None:
    breaker.open_for(True, "invalid key", NOW)
    told()
    over = NOW + dt.timedelta(days=3)
    breaker.close(True, over)
    assert told(over) == [("Ada", "paused"), ("Ada", "resumed")]


def test_other_alerts_are_told_to_admins(db: None, ada: User) -> None:
    alerts.sound("expiry", "1 paid clip(s) not kept yet", NOW)
    alerts.sound("invariants", "1 problem(s) found", NOW)
    assert sorted(told()) == [("Ada", "alert"), ("Ada", "expiring")]


def test_answer_about_an_attached_task_is_told_to_who_attached_it(project: Project, ben: User, ann: User) -> None:
    attempt = builders.job(project, ben).attempt
    Inquiry.objects.create(attempt=attempt, task_id="t", actor=ann, at=NOW, decided_at=NOW, verdict="bound")
    assert told() == [("Ann", "answered")]


def test_choice_decides_where_it_is_told(project: Project, ben: User) -> None:
    choices.choose(ben, {Kind.READY: choices.Ways(False, True, False)})
    ready(project, ben)
    reading.read(NOW)
    notice = Notice.objects.get()
    assert (notice.on_page, notice.mail_at, notice.in_browser) == (False, NOW, False)


def test_alerts_are_never_mailed_as_notices(db: None, ada: User) -> None:
    """The health room has mailed them already."""
    choices.choose(ada, {Kind.PAUSED: choices.Ways(True, True, True)})
    breaker.open_for(True, "invalid key", NOW)
    reading.read(NOW)
    assert Notice.objects.get().mail_at is None


def test_only_one_caller_is_told_to_read(project: Project, ben: User) -> None:
    ready(project, ben)
    assert [reading.is_due(NOW), reading.is_due(NOW)] == [True, False]
    reading.read(NOW)
    assert not reading.is_due(NOW + dt.timedelta(seconds=3))
    assert reading.is_due(NOW + dt.timedelta(seconds=31))


def test_clock_that_was_set_back_does_not_stop_the_reading(db: None) -> None:
    reading.is_due(NOW + dt.timedelta(hours=1))
    assert reading.is_due(NOW)


def test_more_events_than_one_read_takes_are_taken_by_the_next(
    project: Project, ben: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_EVENTS", 2)
    for _ in range(3):
        failed(project, ben)
    reads = [reading.read(NOW + 2 * MINUTE) for _ in range(5)]
    assert (sum(reads), NoticeCursor.objects.get().settled_id > 0) == (3, True)


def test_old_notices_are_dropped(project: Project, ben: User) -> None:
    ready(project, ben)
    reading.read(NOW)
    assert [reading.forget_old(NOW), reading.forget_old(NOW + dt.timedelta(days=91))] == [0, 1]
