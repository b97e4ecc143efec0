"""After an old backup: nothing is sent until the relay's tasks since are matched with the jobs that asked for them."""

import datetime as dt
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from generations.accounts.models import User
from generations.jobs import breaker, restoring, sending
from generations.jobs.invariants import violations
from generations.jobs.models import Job
from generations.projects.models import Project
from tests.builders import NOW, answering, job
from tests.jobs.test_reconciling import told

BACKUP_AT = NOW - dt.timedelta(hours=2)


@pytest.fixture
def restored(project: Project, ben: User) -> Job:
    """Queued when the backup was made; whether it was sent afterwards is not in it."""
    made = job(project, ben)
    restoring.begin(BACKUP_AT, NOW)
    return Job.objects.get(pk=made.pk)


def test_nothing_is_sent_before_it_is_matched(restored: Job, project: Project, ben: User) -> None:
    sending.send(later := job(project, ben, prompt="Another"), answering(), lambda: NOW)
    assert (restored.state, later.state, later.waiting_reason) == ("unknown", "queued", breaker.RESTORED)


def test_task_since_the_backup_is_matched_and_followed(restored: Job) -> None:
    outcome = restoring.match([told()], NOW)
    restored.refresh_from_db()
    assert [task.task_id for _, task in outcome.matched] == ["task_1"]
    assert (restored.state, restored.attempt.relay_task_id, violations(NOW)) == ("running", "task_1", [])


def test_job_that_the_relay_never_got_is_queued_again(restored: Job) -> None:
    outcome = restoring.match([told(task_id="old", at=BACKUP_AT - dt.timedelta(hours=1))], NOW)
    restored.refresh_from_db()
    assert (outcome.matched, outcome.strange, restored.state, violations(NOW)) == ([], [], "queued", [])


def test_job_that_was_being_sent_stays_a_persons(project: Project, ben: User) -> None:
    made = job(project, ben)
    sending._commit_sending(made, NOW)
    restoring.begin(BACKUP_AT, NOW)
    assert restoring.match([], NOW).requeued == []
    assert Job.objects.get().state == "unknown"


def test_task_of_a_lost_job_keeps_sending_held_until_accepted(
    restored: Job, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "statement.csv"
    path.write_text("task_id,prompt\ntask_1,A prompt of the lost hours\n")
    with pytest.raises(CommandError, match="stays held"):
        call_command("restored", "--finish", "--statement", str(path))
    assert breaker.trouble(is_sandbox=True) is not None
    call_command("restored", "--finish", "--accept", "--statement", str(path))
    assert breaker.trouble(is_sandbox=True) is None
    assert "no job: task task_1" in capsys.readouterr().out


def test_begin_twice_is_harmless(restored: Job) -> None:
    assert restoring.begin(BACKUP_AT, NOW) == []


def test_command_wants_a_time_or_the_end(db: None) -> None:
    with pytest.raises(CommandError, match="time of the backup"):
        call_command("restored")


def test_job_that_was_moved_meanwhile_is_not_set_aside(project: Project, ben: User) -> None:
    stale = job(project, ben)
    Job.objects.get().change(claims=1)
    assert not restoring._set_aside(stale, NOW)
    assert Job.objects.get().state == "queued"


def test_task_that_has_its_job_already_is_passed_over(restored: Job) -> None:
    outcome = restoring.match([told(), told()], NOW)
    assert ([task.task_id for _, task in outcome.matched], outcome.strange) == (["task_1"], [])
