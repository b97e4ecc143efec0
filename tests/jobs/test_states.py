"""The state machine: the table, the compare-and-set, the record."""

import pytest
from django.db import IntegrityError, transaction

from generations.accounts.models import User
from generations.jobs.models import Job, JobEvent
from generations.jobs.states import FINAL, MOVES, ForbiddenMove, Overtaken, State
from generations.projects.models import Project
from tests.builders import NOW, job


def test_final_states_lead_nowhere() -> None:
    assert {State.SUCCEEDED, State.FAILED, State.CANCELLED} == FINAL
    assert all(following <= set(MOVES) for following in MOVES.values())


def test_every_state_is_reached_from_the_first_two() -> None:
    reached = {State.AWAITING_APPROVAL}
    for _ in MOVES:
        reached |= {following for state in reached for following in MOVES[state]}
    assert reached == set(State)


def test_advance_moves_and_records(project: Project, ben: User) -> None:
    made = job(project, ben)
    made.advance(State.SENDING, now=NOW, note="off it goes")
    made.refresh_from_db()
    event = made.events.get(old_state="queued")
    assert (made.state, made.version) == ("sending", 1)
    assert (event.new_state, event.text, event.at) == ("sending", "off it goes", NOW)


def test_forbidden_move_changes_nothing(project: Project, ben: User) -> None:
    made = job(project, ben)
    with pytest.raises(ForbiddenMove):
        made.advance(State.SUCCEEDED, now=NOW)
    assert Job.objects.get(pk=made.pk).version == 0


def test_second_of_two_movers_is_overtaken(project: Project, ben: User) -> None:
    made = job(project, ben)
    other = Job.objects.get(pk=made.pk)
    made.advance(State.SENDING, now=NOW)
    with pytest.raises(Overtaken):
        other.advance(State.CANCELLED, now=NOW)
    assert made.events.count() == 2


@pytest.mark.parametrize("columns", [{"state": "succeeded"}, {"state": "dancing"}, {"finished_at": NOW}])
def test_database_refuses_states_that_cannot_be(project: Project, ben: User, columns: dict[str, object]) -> None:
    made = job(project, ben)
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=made.pk).update(**columns)


def test_events_cannot_be_changed(project: Project, ben: User) -> None:
    made = job(project, ben)
    with pytest.raises(IntegrityError, match="immutable"), transaction.atomic():
        JobEvent.objects.filter(job=made).update(text="it was not so")
