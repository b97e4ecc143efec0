"""The checks themselves: silent on a sound database, and each heard when its rule is broken by hand."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from generations.accounts.models import User
from generations.health.models import Alert
from generations.health.status import NEEDED, beat, verdict
from generations.jobs import events, lifecycle
from generations.jobs.invariants import CHECKS, run, violations
from generations.jobs.models import Job
from generations.ledger import adjustments, holds
from generations.ledger.models import Currency
from generations.projects.models import Project
from tests import wakeups
from tests.builders import NOW, job, running_job
from tests.jobs.test_imaging import images_job, send, urls
from tests.jobs.test_observing import DONE, FAILED, observe
from tests.writing.conftest import make as propose


@pytest.fixture
def busy(project: Project, ben: User) -> Project:
    """Jobs in five states, one of images, a proposal, and money by hand."""
    send(images_job(project, ben), urls(3))
    job(project, ben)
    running_job(project, ben, task_id="task_0")
    observe(running_job(project, ben, task_id="task_1"), DONE)
    observe(running_job(project, ben, task_id="task_2"), FAILED | {"task_id": "task_2"})
    lifecycle.cancel_job(job(project, ben), actor=ben, now=NOW)
    propose(project, ben)
    by_hand(project, ben)
    return project


def by_hand(project: Project, user: User) -> None:
    """A refund that is posted, and a fee that waits for a second person."""
    for micros in (-100_000, 500_000_000):
        adjustments.ask(
            project=project,
            user=user,
            currency=Currency.SBX,
            signed_micros=micros,
            reason="by hand",
            actor=project.created_by,
            key=str(micros),
            now=NOW,
        )


def broken() -> set[str]:
    return {violation.name for violation in violations(NOW)}


def test_sound_database_breaks_nothing(busy: Project) -> None:
    assert broken() == set()


BREAKAGES = {
    "I2 held": "UPDATE generations_budgetmonth SET held_micros = held_micros + 1",
    "I2 spent": "UPDATE generations_budgetmonth SET spent_micros = spent_micros + 1",
    "I3 one settlement": "UPDATE generations_hold SET state='released', charged_micros=NULL WHERE state='charged'",
    "I3 owned holds": """
        INSERT INTO generations_hold
               (project_id, user_id, currency, month, model, resolution, amount_micros, state, placed_at, settled_at)
        SELECT project_id, user_id, currency, month, model, resolution, amount_micros, state, placed_at, settled_at
        FROM generations_hold WHERE state = 'released'""",
    "I4 state and money": "UPDATE generations_job SET state = 'fetching' WHERE state = 'running'",
    "I4 words and money": "UPDATE generations_proposal SET state = 'ready', look_at = NULL",
    "I5 charged": "UPDATE generations_hold SET charged_micros = charged_micros + 1 WHERE state = 'charged'",
    "I5 days": "UPDATE generations_spendday SET spent_micros = spent_micros + 1",
    "I6 currencies": "UPDATE generations_account SET currency = 'USD'",
    "I15 by hand": """
        UPDATE generations_adjustment
        SET state = 'posted', needs_second = false, decided_by_id = asked_by_id, decided_at = asked_at
        WHERE state = 'waiting'""",
    "I8 task bound": "UPDATE generations_attempt SET relay_task_id = NULL",
    "I8 images answered": "UPDATE generations_attempt SET answered_at = NULL",
    "I10 every image": """
        UPDATE generations_job SET state='succeeded', finished_at=created_at
        WHERE kind = 'image' AND state = 'fetching'""",
    "I10 bytes or a reason": "UPDATE generations_job SET state='succeeded', finished_at=created_at WHERE cost_micros>0",
    "I12 somebody looks": "UPDATE generations_job SET next_action_at = NULL WHERE state = 'queued'",
    "I13 no send after a cancel": """
        INSERT INTO generations_jobevent (job_id, name, old_state, new_state, at, text, previous_hash, hash)
        SELECT job_id, 'state', 'queued', 'sending', at, '', 'x', 'y' FROM generations_jobevent
        WHERE new_state = 'cancelled'""",
    "I7 approved attempts": "UPDATE generations_attempt SET superseded_at = '2026-01-01 00:00:00+00:00'",
    "I14 links": "UPDATE generations_job SET last_event_hash = ''",
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


def unprotected(sql: str) -> None:
    """As somebody does who has taken the trigger away first."""
    with connection.cursor() as cursor:
        on = " ON generations_jobevent" if connection.vendor == "postgresql" else ""
        for verb in ("update", "delete"):
            cursor.execute(f"DROP TRIGGER generations_jobevent_no_{verb}{on}")
        cursor.execute(sql)


def test_event_that_was_rewritten_is_found(busy: Project) -> None:
    unprotected("UPDATE generations_jobevent SET text = 'it was not so' WHERE new_state = 'failed'")
    assert [violation.name for violation in run(NOW)] == ["I14 seals"]


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM generations_jobevent WHERE id = (SELECT MIN(id) FROM generations_jobevent)",
        "DELETE FROM generations_jobevent WHERE id = (SELECT MAX(id) FROM generations_jobevent)",
    ],
)
def test_event_that_was_taken_out_is_found(busy: Project, sql: str) -> None:
    unprotected(sql)
    assert "I14 links" in broken()


def test_first_violation_is_red_until_it_is_mended(busy: Project, client: Client) -> None:
    for name in NEEDED:
        beat(name, timezone.now())
    break_by = "UPDATE generations_budgetmonth SET held_micros = held_micros {} 1"
    statuses = []
    for sign in ("+", "-"):
        with connection.cursor() as cursor:
            cursor.execute(break_by.format(sign))
        run(timezone.now())
        statuses.append(client.get("/healthz").status_code)
    assert (statuses, Alert.objects.get(key="invariants").cleared_at is None) == ([503, 200], False)


def test_violation_is_alerted_once(busy: Project) -> None:
    Job.objects.filter(state="queued").update(next_action_at=None)
    for _ in range(2):
        run(NOW)
    assert Alert.objects.filter(key="invariants", cleared_at=None).count() == 1
    assert wakeups.names().count("mail_alert") == 1


def test_processes_are_judged_apart_for_the_watchdog(busy: Project) -> None:
    Job.objects.filter(state="queued").update(next_action_at=None)
    run(NOW)
    assert "invariants" not in verdict(NOW, only_processes=True)["parts"]
    assert verdict(NOW)["parts"]["invariants"].startswith("1 broken since")


def test_no_more_altered_events_are_told_than_asked_for(project: Project, ben: User) -> None:
    for _ in range(3):
        job(project, ben)
    unprotected("UPDATE generations_jobevent SET text = 'it was not so'")
    assert len(events.altered(2)) == 2
