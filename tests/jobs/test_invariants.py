"""The checks themselves: silent on a sound database, and each heard when its rule is broken by hand."""

import datetime as dt

import pytest
from django.db import connection

from generations.accounts.models import User
from generations.jobs import lifecycle
from generations.jobs.invariants import CHECKS, violations
from generations.ledger import holds
from generations.projects.models import Project
from tests.builders import NOW, job, running_job
from tests.jobs.test_observing import DONE, FAILED, observe


@pytest.fixture
def busy(project: Project, ben: User) -> Project:
    """Jobs in five states."""
    job(project, ben)
    running_job(project, ben, task_id="task_0")
    observe(running_job(project, ben, task_id="task_1"), DONE)
    observe(running_job(project, ben, task_id="task_2"), FAILED | {"task_id": "task_2"})
    lifecycle.cancel_job(job(project, ben), actor=ben, now=NOW)
    return project


def broken() -> set[str]:
    return {violation.name for violation in violations(NOW)}


def test_sound_database_breaks_nothing(busy: Project) -> None:
    assert broken() == set()


BREAKAGES = {
    "I2 held": "UPDATE generations_budgetmonth SET held_micros = held_micros + 1",
    "I2 spent": "UPDATE generations_budgetmonth SET spent_micros = spent_micros + 1",
    "I3 one settlement": "UPDATE generations_hold SET state='released', charged_micros=NULL WHERE state='charged'",
    "I4 state and money": "UPDATE generations_job SET state = 'fetching' WHERE state = 'running'",
    "I5 charged": "UPDATE generations_hold SET charged_micros = charged_micros + 1 WHERE state = 'charged'",
    "I6 currencies": "UPDATE generations_account SET currency = 'USD'",
    "I8 task bound": "UPDATE generations_attempt SET relay_task_id = NULL",
    "I10 bytes or a reason": "UPDATE generations_job SET state='succeeded', finished_at=created_at WHERE cost_micros>0",
    "I12 somebody looks": "UPDATE generations_job SET next_action_at = NULL WHERE state = 'queued'",
    "I13 no send after a cancel": "UPDATE generations_job SET cancel_requested_at = '2026-01-01 00:00:00+00:00'",
    "I14 events": "UPDATE generations_job SET state = 'running' WHERE state = 'queued'",
}


@pytest.mark.parametrize("name", BREAKAGES)
def test_each_breakage_is_heard(busy: Project, name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(BREAKAGES[name])
    assert name in broken()


def test_overdue_is_measured_from_now(busy: Project) -> None:
    assert {violation.name for violation in violations(NOW - dt.timedelta(hours=1))} == {"I12 somebody looks"}


def test_only_the_two_that_the_database_itself_refuses_have_no_breakage() -> None:
    assert set(CHECKS) - set(BREAKAGES) == {"I1 limits", "I9 final states absorb"}


def test_overrun_is_no_violation(project: Project, ben: User) -> None:
    made = running_job(project, ben)
    holds.charge(made.attempt.hold, 10**9, NOW)
    assert "I1 limits" not in broken()
