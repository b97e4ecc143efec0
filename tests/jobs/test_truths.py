"""The truth board's days: what was found is kept, told once, and gone when it is put right."""

import datetime as dt

import pytest

from generations.accounts.models import User
from generations.health.models import Alert, Check
from generations.jobs import reconciling, truths
from generations.jobs.models import Job
from generations.jobs.truths import TruthDay, TruthLine
from generations.ledger import budgets
from generations.ledger.models import Currency
from generations.projects.models import Project
from tests.builders import NOW, running_job
from tests.jobs.test_observing import observe
from tests.jobs.test_reconciling import DAY, LATER, PAID, told


@pytest.fixture
def paid(project: Project, ben: User) -> Job:
    return observe(running_job(project, ben), PAID)


def compared(*record: object) -> TruthDay:
    report = reconciling.reconcile(DAY, list(record), lambda ids: {}, LATER, is_sandbox=True)  # type: ignore[arg-type]
    return truths.keep(report, has_record=True, now=LATER)


def test_day_that_is_at_one_has_no_line(paid: Job) -> None:
    day = compared(told())
    assert (day.attempts, day.charged_micros, day.relay_micros, day.lines.count()) == (1, 200_000, 200_000, 0)
    assert Alert.objects.count() == 0


def test_difference_is_kept_with_its_job_and_told_once(paid: Job) -> None:
    for _ in range(2):
        day = compared(told(cost_micros=250_000), told(task_id="task_2"))
    lines = list(day.lines.values_list("kind", "job", "ours_micros", "relay_micros"))
    assert lines == [("cost", paid.pk, 200_000, 250_000), ("unmatched", None, None, 200_000)]
    assert (TruthDay.objects.count(), Alert.objects.count()) == (1, 1)
    assert Check.objects.get(pk="truth").problems == ["2026-11-22: 2 difference(s) with the relay"]


def test_alert_is_over_when_the_day_is_at_one(paid: Job) -> None:
    compared(told(cost_micros=250_000))
    compared(told())
    assert (TruthLine.objects.count(), Alert.objects.filter(cleared_at=None).count()) == (0, 0)


def test_overrun_stands_on_the_board_and_sounds_no_alert(project: Project, ben: User) -> None:
    job = running_job(project, ben)
    budgets.set_project_limit(project, Currency.SBX, job.estimate_micros, NOW)
    job = observe(job, PAID | {"quota": 500_000})
    assert job.cost_micros == 1_000_000
    day = compared(told(cost_micros=1_000_000))
    assert list(day.lines.values_list("kind", "job", "ours_micros")) == [("overrun", job.pk, 1_000_000)]
    assert Alert.objects.count() == 0


def test_every_kind_of_difference_has_a_name() -> None:
    assert set(reconciling.KINDS) == set(TruthLine.Kind.values)


@pytest.mark.parametrize(("compared_at", "is_due"), [(NOW, True), (NOW + dt.timedelta(days=1), False)])
def test_day_that_was_compared_before_it_was_over_is_due(
    paid: Job, monkeypatch: pytest.MonkeyPatch, compared_at: dt.datetime, is_due: bool
) -> None:
    """Somebody had today compared: what was sent after that was not in it."""
    seen: list[dt.date] = []
    monkeypatch.setattr(truths, "compare", lambda day, *rest: seen.append(day))
    truths.keep(reconciling.Report(DAY), has_record=True, now=compared_at)
    truths.compare_due(None, lambda ids: {}, NOW + dt.timedelta(days=1))  # type: ignore[arg-type]
    assert (DAY in seen) == is_due


def test_yesterday_and_differing_days_of_the_week_are_due(paid: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dt.date] = []
    monkeypatch.setattr(truths, "compare", lambda day, *rest: seen.append(day))
    compared(told(cost_micros=250_000))
    clean = reconciling.Report(DAY - dt.timedelta(days=1))
    truths.keep(clean, has_record=True, now=LATER)
    truths.compare_due(None, lambda ids: {}, NOW + dt.timedelta(days=1))  # type: ignore[arg-type]
    assert DAY in seen
    assert clean.day not in seen
    assert len(seen) == 6
