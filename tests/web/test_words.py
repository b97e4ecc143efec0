"""The instructions' page, and the page on which words of unknown outcome are settled."""

from __future__ import annotations

import httpx
import pytest

from generations.accounts.models import AuditEvent, User
from generations.projects.models import Project
from generations.writing import instructions
from generations.writing.models import Instruction, Proposal
from tests.web.conftest import Browse
from tests.writing.conftest import make, write

INSTRUCTIONS = "/instructions/"


@pytest.fixture
def lost(priced_project: Project, ben: User) -> Proposal:
    return write(make(priced_project, ben, "A <b>fox</b>"), httpx.ReadError("reset"))


def test_instruction_is_changed_and_brought_back(priced_project: Project, browse: Browse, ada: User) -> None:
    browser = browse(ada)
    assert instructions.DEFAULTS["seedance"] in browser.get(INSTRUCTIONS).text.replace("&#x27;", "'")
    sent = {"model": "seedance-2.0", "text": "Only <i>haiku</i>."}
    assert [browser.post(INSTRUCTIONS, sent).status_code for _ in range(2)] == [302, 302]
    assert instructions.text_of("seedance-2.0") == "Only <i>haiku</i>."
    assert "Only &lt;i&gt;haiku&lt;/i&gt;." in browser.get(INSTRUCTIONS).text
    assert browser.post(INSTRUCTIONS, sent | {"reset": "1"}).status_code == 302
    assert not Instruction.objects.exists()
    assert AuditEvent.objects.filter(action="instructions.changed").count() == 2


@pytest.mark.parametrize(("sent", "status"), [({"model": "", "text": " "}, 422), ({"model": "x", "text": "y"}, 404)])
def test_wrong_instruction_changes_nothing(
    priced_project: Project, browse: Browse, ada: User, sent: dict[str, str], status: int
) -> None:
    assert browse(ada).post(INSTRUCTIONS, sent).status_code == status
    assert not Instruction.objects.exists()


def test_lost_words_are_listed_and_settled_as_billed(lost: Proposal, browse: Browse, ann: User) -> None:
    browser, address = browse(ann), f"/unknowns/words/{lost.pk}/"
    assert address in browser.get("/unknowns/").text
    assert "A &lt;b&gt;fox&lt;/b&gt;" in browser.get(address).text
    assert browser.post(address, {"outcome": "billed", "cost": "a lot", "reason": "log"}).status_code == 422
    assert browser.post(address, {"outcome": "billed", "cost": "0.0042", "reason": "log"}).status_code == 302
    lost.hold.refresh_from_db()
    assert lost.hold.charged_micros == 4_200
    assert browser.post(address, {"outcome": "not_billed", "reason": "log"}).status_code == 404


def test_words_that_were_not_billed_give_back_what_was_held(lost: Proposal, browse: Browse, ada: User) -> None:
    answer = browse(ada).post(f"/unknowns/words/{lost.pk}/", {"outcome": "not_billed", "reason": "no such request"})
    lost.hold.refresh_from_db()
    assert (answer.status_code, lost.hold.state) == (302, "released")
