"""Asked once, held at most, stopped for nothing before it is sent, looked after when its worker is gone."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest

from generations.accounts.models import User
from generations.jobs import invariants
from generations.jobs.lifecycle import KeyReused, ProjectArchived
from generations.ledger import budgets
from generations.ledger.budgets import OverBudget, Paused
from generations.ledger.models import Budget, Currency, Hold
from generations.projects.models import Project
from generations.writing import asking
from generations.writing.models import Proposal
from tests import wakeups
from tests.builders import NOW
from tests.writing.conftest import make

State = Proposal.State


def test_ask_holds_the_most_that_it_can_cost_and_wakes_a_worker(asked: Proposal) -> None:
    read = len((asked.told + asked.prompt).encode()) + asking.FRAME_TOKENS
    assert asked.hold.amount_micros == (read * 1_125_000 + 1_500 * 2_250_000 + 500_000) // 1_000_000
    assert (asked.hold.model, asked.hold.state) == ("grok-4.3", "open")
    assert wakeups.names() == ["write_words"]


def test_same_key_is_the_same_proposal(project: Project, ben: User, ann: User) -> None:
    key = uuid.uuid4()
    assert make(project, ben, key=key) == make(project, ben, "Other words", key=key)
    assert (Proposal.objects.count(), Hold.objects.count()) == (1, 1)
    with pytest.raises(KeyReused):
        make(project, ann, key=key)


@pytest.mark.parametrize("others", [0, asking.MOST_AT_ONCE - 1])
def test_press_whose_twin_took_the_last_room_is_the_same_proposal(
    project: Project, ben: User, monkeypatch: pytest.MonkeyPatch, others: int
) -> None:
    """The twin is committed just after this press has looked for it."""
    room = sum(make(project, ben).hold.amount_micros for _ in range(others))
    key, same = uuid.uuid4(), asking._same
    row = budgets.budget_of(Budget.Scope.PROJECT, Currency.SBX, project=project)

    def overtaken(*given: Any) -> Proposal | None:
        monkeypatch.setattr(asking, "_same", same)
        found = same(*given)
        budgets.set_limit(row, room + make(project, ben, key=key).hold.amount_micros, NOW)
        return found

    monkeypatch.setattr(asking, "_same", overtaken)
    assert make(project, ben, key=key).pk == key
    assert Hold.objects.count() == others + 1


def test_refused_ask_moves_nothing(project: Project, ben: User) -> None:
    row = budgets.budget_of(Budget.Scope.PROJECT, Currency.SBX, project=project)
    budgets.set_ask_above(row, 1, NOW)
    with pytest.raises(asking.MustAsk):
        make(project, ben)
    budgets.set_ask_above(row, None, NOW)
    budgets.set_limit(row, 100, NOW)
    with pytest.raises(OverBudget):
        make(project, ben)
    budgets.pause(row, ben, NOW)
    with pytest.raises(Paused):
        make(project, ben)
    project.archived_at = NOW
    with pytest.raises(ProjectArchived):
        make(project, ben)
    assert not Hold.objects.exists()


def test_fourth_at_once_is_refused(project: Project, ben: User, ann: User) -> None:
    for _ in range(asking.MOST_AT_ONCE):
        make(project, ben)
    with pytest.raises(asking.TooMany):
        make(project, ben)
    assert make(project, ann).state == State.QUEUED


def test_stop_before_it_is_sent_costs_nothing(asked: Proposal) -> None:
    asking.stop(asked, NOW)
    asking.stop(asked, NOW)
    asked.hold.refresh_from_db()
    assert (asked.state, asked.hold.state) == (State.FAILED, "released")


def test_sweep_wakes_what_waits_and_gives_up_what_a_dead_worker_left(project: Project, ben: User) -> None:
    waiting, begun = make(project, ben), make(project, ben)
    begun.move(State.WRITING, sent_at=NOW, look_at=NOW + asking.LEASE)
    wakeups.forget()
    assert asking.sweep(NOW) == 0
    assert asking.sweep(NOW + dt.timedelta(minutes=3)) == 2
    assert wakeups.names() == ["write_words"]
    states = dict(Proposal.objects.values_list("pk", "state"))
    assert states == {waiting.pk: State.QUEUED, begun.pk: State.UNKNOWN}
    assert Hold.objects.filter(state="open").count() == 2
    assert invariants.violations(NOW) == []
