"""Words of unknown outcome: who sees them, and the two ways in which a person settles them."""

from __future__ import annotations

import httpx
import pytest

from generations.accounts.models import User
from generations.jobs import invariants
from generations.writing import settling
from generations.writing.models import Proposal
from tests.builders import NOW
from tests.writing.conftest import write


@pytest.fixture
def lost(asked: Proposal) -> Proposal:
    return write(asked, httpx.ReadError("reset"))


def test_lost_words_are_shown_to_managers_and_admins(
    lost: Proposal, ada: User, ann: User, ben: User, bill: User, cat: User
) -> None:
    assert [list(settling.open_to(user)) == [lost] for user in (ada, ann, ben, bill, cat)] == [True, True, *[False] * 3]


def test_not_billed_gives_back_once(lost: Proposal, ann: User) -> None:
    settling.not_billed(lost, actor=ann, reason="not in the relay's log", now=NOW)
    lost.hold.refresh_from_db()
    assert (lost.state, lost.hold.state, lost.settled_by) == ("failed", "released", ann)
    with pytest.raises(settling.Settled):
        settling.billed(lost, actor=ann, reason="", cost_micros=1, now=NOW)
    assert invariants.violations(NOW) == []


def test_billed_charges_what_the_relay_billed(lost: Proposal, ann: User) -> None:
    settling.billed(lost, actor=ann, reason="in the log", cost_micros=1_000, now=NOW)
    lost.hold.refresh_from_db()
    assert (lost.state, lost.hold.charged_micros) == ("ended", 1_000)
    assert invariants.violations(NOW) == []
