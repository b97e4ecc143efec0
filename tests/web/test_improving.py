"""Improve prompt in the composer: asked, looked at, stopped, taken, put back; and what it leaves alone."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.test import Client

from generations.accounts.models import User
from generations.ledger import budgets
from generations.ledger.models import Budget, Currency, Hold
from generations.projects.models import Project
from generations.writing.models import Proposal
from tests.builders import NOW
from tests.web.conftest import HTMX, Browse, form
from tests.writing.conftest import stream, write

IMPROVE = "/projects/dusk/improve"
FOX = "A fox <b>runs</b>"


@pytest.fixture
def browser(priced_project: Project, ben: User, browse: Browse) -> Client:
    return browse(ben)


def press(browser: Client, do: str, proposal: Proposal | uuid.UUID, **changes: Any) -> str:
    key = proposal.pk.hex if isinstance(proposal, Proposal) else proposal.hex
    answer = browser.post(IMPROVE, form(**({"prompt": FOX} | changes)) | {"do": do, "proposal": key}, headers=HTMX)
    assert answer.status_code == 200
    return answer.text


def ready(browser: Client, text: str = "A red fox <i>runs</i>") -> Proposal:
    press(browser, "ask", uuid.uuid4())
    return write(Proposal.objects.select_related("project", "user", "hold", "price").get(), stream(text))


def prompt_in(page: str) -> str:
    found = re.search(r'<textarea id="prompt".*?>\n(.*?)</textarea>', page, re.DOTALL)
    assert found
    return found[1]


def test_pressed_twice_it_is_asked_once(browser: Client) -> None:
    key = uuid.uuid4()
    pages = [press(browser, "ask", key) for _ in range(2)]
    assert all("is being written" in page for page in pages)
    assert (Proposal.objects.count(), Hold.objects.count()) == (1, 1)


def test_words_are_shown_as_they_come_and_escaped(browser: Client) -> None:
    press(browser, "ask", uuid.uuid4())
    Proposal.objects.update(text="A red <i>fox", state="writing")
    page = press(browser, "look", Proposal.objects.get())
    assert "A red &lt;i&gt;fox" in page
    assert 'hx-trigger="poll"' in page


def test_difference_is_shown_and_taken_or_left(browser: Client) -> None:
    made = ready(browser)
    page = press(browser, "look", made)
    assert "<span>A</span><ins> red</ins><span> fox" in page
    assert re.search(r"<del>b</del><ins>i</ins><span>&gt;runs", page)
    taken = press(browser, "take", made)
    assert prompt_in(taken) == "A red fox &lt;i&gt;runs&lt;/i&gt;"
    assert prompt_in(press(browser, "back", made)) == "A fox &lt;b&gt;runs&lt;/b&gt;"
    assert "improve-ask" in press(browser, "leave", made)


def test_lost_mention_is_said(browser: Client) -> None:
    press(browser, "ask", uuid.uuid4(), prompt="@image1 runs")
    made = write(Proposal.objects.select_related("project", "user", "hold", "price").get(), stream("A fox runs"))
    assert "It had lost @image1, which now stands at its end." in press(browser, "look", made)


def test_stop_shows_nothing_more(browser: Client) -> None:
    press(browser, "ask", uuid.uuid4())
    page = press(browser, "stop", Proposal.objects.get())
    assert "Stopped before it was sent." in page
    assert "It costs nothing." in page
    assert Hold.objects.get().state == "released"


def test_empty_prompt_and_spent_budget_are_said(browser: Client, priced_project: Project) -> None:
    assert "Write a prompt first" in press(browser, "ask", uuid.uuid4(), prompt=" ")
    row = budgets.budget_of(Budget.Scope.PROJECT, Currency.SBX, project=priced_project)
    budgets.set_limit(row, 100, NOW)
    assert "This project: SBX" in press(browser, "ask", uuid.uuid4())
    assert not Proposal.objects.exists()


def test_without_javascript_the_page_keeps_every_field(browser: Client) -> None:
    sent = form(prompt=FOX, seconds="9", seed="77") | {"do": "ask", "proposal": uuid.uuid4().hex}
    page = browser.post(IMPROVE, sent).text
    assert "is being written" in page
    assert all(kept in page for kept in ('value="9"', 'value="77"', f'value="{sent["proposal"]}"'))
    made = write(Proposal.objects.select_related("project", "user", "hold", "price").get(), stream("A red fox runs"))
    page = browser.post(IMPROVE, sent | {"do": "take"}).text
    assert prompt_in(page) == made.proposed
    assert 'value="77"' in page


def test_proposal_is_for_who_asked_alone(browse: Browse, browser: Client, ann: User, vic: User, cat: User) -> None:
    made = ready(browser)
    sent = form() | {"do": "look", "proposal": made.pk.hex}
    assert [browse(user).post(IMPROVE, sent).status_code for user in (ann, vic, cat)] == [404, 403, 404]
    assert browser.get(IMPROVE).status_code == 405


def test_proposal_stands_in_spend(browser: Client) -> None:
    ready(browser)
    page = browser.get("/spend/jobs/?currency=SBX").text
    assert "A fox &lt;b&gt;runs&lt;/b&gt;" in page
    assert "Improved prompt" in page
    rows: Any = browser.get("/spend/jobs.csv?currency=SBX")
    assert f",{FOX},Dusk,ben@example.com,grok-4.3,".encode() in b"".join(rows.streaming_content)


def test_currency_is_the_studios(browser: Client) -> None:
    assert ready(browser).currency == Currency.SBX
