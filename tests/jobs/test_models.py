"""How rows of the rooms jobs and ledger name themselves, in a shell or a log."""

import datetime as dt
from uuid import UUID

import pytest
from django.db.models import Model

from generations.jobs.first_uses import FirstUse
from generations.jobs.inputs import Input, RelayFile
from generations.jobs.line import Turn
from generations.jobs.models import Attempt, Breaker, Exchange, Inquiry, Job, JobEvent, Output
from generations.ledger.models import Account, Budget, BudgetMark, BudgetMonth, Entry, Hold, SpendDay
from generations.media.models import MediaFile

ID = UUID(int=7)
DAY, NOON = dt.date(2026, 11, 22), dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("row", "name"),
    [
        (Job(id=ID, state="queued"), f"{ID} queued"),
        (JobEvent(old_state="queued", new_state="sending"), "queued -> sending"),
        (Attempt(job_id=ID, number=2), f"{ID} #2"),
        (Exchange(method="GET", path="/models", status=200), "GET /models 200"),
        (Inquiry(task_id="task_1"), "task_1: asked"),
        (Inquiry(task_id="task_1", verdict="taken"), "task_1: taken"),
        (Breaker(name="relay"), "relay closed"),
        (Breaker(name="relay", opened_at=dt.datetime.now(dt.UTC)), "relay open"),
        (Output(job_id=ID, position=0), f"{ID} output 0"),
        (Input(job_id=ID, tag="image1"), f"{ID} image1"),
        (RelayFile(media=MediaFile(sha256="ab" * 32), is_sandbox=False), f"{MediaFile(sha256='ab' * 32)} at relay"),
        (FirstUse(output_id=ID, kind="play"), f"{ID} play"),
        (Turn(user_id=3, at=NOON), f"3 at {NOON}"),
        (Account(project_id=3, kind="held", currency="USD"), "3:held:USD"),
        (Hold(amount_micros=5, currency="SBX", state="open"), "5 SBX open"),
        (Entry(kind="charge", amount_micros=5, currency="SBX"), "charge 5 SBX"),
        (SpendDay(day=DAY, spent_micros=5, overrun_micros=2, currency="SBX"), "2026-11-22 7 SBX"),
        (Budget(key="studio:USD"), "studio:USD"),
        (BudgetMonth(budget_id=3, month=DAY), "3 2026-11"),
        (BudgetMark(month_id=3, percent=80), "3: 80 %"),
    ],
)
def test_row_names_itself(row: Model, name: str) -> None:
    assert str(row) == name


@pytest.mark.parametrize(("old", "shown"), [("", ""), ("queued", "Queued")])
def test_event_shows_its_states_in_words(old: str, shown: str) -> None:
    event = JobEvent(old_state=old, new_state="succeeded")
    assert (event.get_old_state_display(), event.get_new_state_display()) == (shown, "Ready")
