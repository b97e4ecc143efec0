"""Our books of a day against the relay's record: silent while both agree; each kind of difference is told."""

import datetime as dt
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from generations.accounts.models import User
from generations.jobs import reconciling, sending, statements
from generations.jobs.models import Job
from generations.jobs.statements import Told
from generations.ledger.models import Hold
from generations.projects.models import Project
from generations.relay.errors import UnknownTask, Unreadable
from generations.relay.exchange import Exchange as Said
from generations.relay.wire import Phase, Task
from generations.sandbox.listener import Listener
from tests.builders import NOW, answering, job, running_job
from tests.jobs.test_observing import DONE, FAILED, observe

DAY = NOW.date()
LATER = NOW + dt.timedelta(hours=1)
SAID = Said(method="GET", path="/")
PAID = DONE | {"quota": 100_000}


def told(**changes: object) -> Told:
    usual = {"task_id": "task_1", "at": NOW, "model": "doubao-seedance-2-0-480p", "phase": Phase.DONE}
    return Told(**(usual | {"prompt": "Dusk walk over the harbour", "cost_micros": 200_000} | changes))  # type: ignore[arg-type]


def differences(*record: Told, now: dt.datetime = LATER) -> list[str]:
    report = reconciling.reconcile(DAY, list(record), lambda ids: {}, now, is_sandbox=True)
    return [difference.what for difference in report.differences]


@pytest.fixture
def paid(project: Project, ben: User) -> Job:
    return observe(running_job(project, ben), PAID)


def test_books_that_agree_have_no_difference(paid: Job) -> None:
    report = reconciling.reconcile(DAY, [told()], lambda ids: {}, LATER, is_sandbox=True)
    assert (report.differences, report.charged_micros, report.relay_micros) == ([], 200_000, 200_000)


def test_other_cost_is_a_difference(paid: Job) -> None:
    assert differences(told(cost_micros=250_000)) == ["charged SBX 0.20; the relay says SBX 0.25"]


def test_charge_for_what_failed_is_a_difference(paid: Job) -> None:
    assert differences(told(phase=Phase.FAILED)) == ["charged SBX 0.20; the relay says that it failed"]


def test_charge_that_the_record_has_not_is_a_difference(paid: Job) -> None:
    no_answer = Unreadable("away", exchange=SAID)
    report = reconciling.reconcile(DAY, [], lambda ids: dict.fromkeys(ids, no_answer), LATER, is_sandbox=True)
    assert [difference.what for difference in report.differences] == [
        "charged SBX 0.20, and not on the relay's record",
        "could not be compared: away",
    ]


def test_release_of_what_the_relay_billed_is_a_difference(project: Project, ben: User) -> None:
    observe(running_job(project, ben), FAILED)
    assert differences(told()) == ["the relay made and billed it; here it was released"]


def test_task_without_an_attempt_is_a_difference(project: Project) -> None:
    assert differences(told(), told(task_id="task_2", phase=Phase.FAILED)) == [
        "the relay made it (doubao-seedance-2-0-480p, $0.20) and the studio has no attempt for it"
    ]


def test_unknown_outcome_names_the_task_that_looks_like_it(project: Project, ben: User) -> None:
    made = job(project, ben)
    sending.send(made, answering(OSError("reset")), lambda: NOW)
    report = reconciling.reconcile(DAY, [told()], lambda ids: {}, LATER, is_sandbox=True)
    assert report.differences[0].to_do == f"attach task_1, which looks like it, at /jobs/{made.pk}/unknown/"


def test_job_that_runs_on_both_sides_is_none(project: Project, ben: User) -> None:
    running_job(project, ben)
    assert differences(told(phase=Phase.RENDERING, cost_micros=None)) == []


@pytest.mark.parametrize(("minutes", "found"), [(5, 0), (30, 1)])
def test_verdict_that_polling_missed_is_one_after_a_while(
    project: Project, ben: User, minutes: int, found: int
) -> None:
    running_job(project, ben)
    assert len(differences(told(), now=NOW + dt.timedelta(minutes=minutes))) == found


def test_task_that_the_relay_does_not_know_is_a_difference(paid: Job) -> None:
    gone = UnknownTask("?", exchange=SAID, status=404)
    report = reconciling.reconcile(DAY, None, lambda ids: dict.fromkeys(ids, gone), LATER, is_sandbox=True)
    assert [difference.what for difference in report.differences] == ["the relay does not know the task (any more)"]


def test_day_of_another_currency_is_not_mixed_in(paid: Job) -> None:
    assert reconciling.reconcile(DAY, [told()], lambda ids: {}, LATER, is_sandbox=False).attempts == 0


STATEMENT = "task_id,created_at,model,status,cost_usd\ntask_1,2026-11-22T12:00:00Z,m,SUCCESS,$0.25\ntask_2,,,,\n"


def test_statement_is_read_from_csv(tmp_path: Path) -> None:
    path = tmp_path / "statement.csv"
    path.write_text(STATEMENT)
    assert statements.read(path) == [
        Told(task_id="task_1", at=NOW, model="m", phase=Phase.DONE, cost_micros=250_000),
        Told(task_id="task_2"),
    ]


def test_statement_is_read_from_json(tmp_path: Path) -> None:
    path = tmp_path / "statement.json"
    path.write_text(
        json.dumps({"tasks": [{"task_id": "t", "created_at": NOW.timestamp(), "quota": 5, "state": "done"}]})
    )
    assert statements.read(path) == [Told(task_id="t", at=NOW, phase=Phase.DONE, cost_micros=10)]


@pytest.mark.parametrize(
    "text", ["[1]", "{}", "[", "a,b\n1,2\n", '[{"task_id": "t", "quota": "much"}]', '[{"task_id": ""}]']
)
def test_odd_statement_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "statement"
    path.write_text(text)
    with pytest.raises(statements.BadStatement):
        statements.read(path)


@pytest.mark.django_db(transaction=True)
def test_command_compares_with_the_sandboxes_own_list(
    project: Project, ben: User, relay: Listener, drive: object, capsys: pytest.CaptureFixture[str]
) -> None:
    from django.utils import timezone

    made = job(project, ben, now=timezone.now())
    drive(made, "succeeded")  # type: ignore[operator]
    call_command("reconcile")
    assert "No difference." in capsys.readouterr().out
    Hold.objects.update(charged_micros=1)
    with pytest.raises(CommandError, match="1 difference"):
        call_command("reconcile")
    assert "to do: correct the price list" in capsys.readouterr().out


def test_task_that_the_record_lacks_is_read_and_compared(paid: Job) -> None:
    read = (Task.from_json(PAID | {"quota": 125_000}), SAID)
    report = reconciling.reconcile(DAY, [], lambda ids: dict.fromkeys(ids, read), LATER, is_sandbox=True)
    assert report.differences[-1].what == "charged SBX 0.20; the relay says SBX 0.25"


def test_job_that_is_being_sent_is_no_difference(project: Project, ben: User) -> None:
    sending._commit_sending(job(project, ben), NOW)
    assert differences() == []
