"""The key check's page: what the last answer was, and the button."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from generations.accounts.models import User
from generations.catalog import keycheck
from generations.jobs import calls
from generations.projects.models import Project
from tests import builders, wakeups
from tests.builders import NOW, answering, relay_says
from tests.web.conftest import Browse


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (relay_says({"data": [{"id": "<i>new</i>"}]}), "&lt;i&gt;new&lt;/i&gt;"),
        (relay_says({"error": {"message": "<b>wrong</b>"}}, 401), "Refused by the relay. &lt;b&gt;wrong&lt;/b&gt;"),
    ],
)
def test_last_answer_is_shown(priced_project: Project, browse: Browse, ada: User, answer: object, said: str) -> None:
    browser = browse(ada)
    assert "Nobody has asked the relay yet." in browser.get("/key/").text
    keycheck.run(answering(answer), True, NOW)  # type: ignore[arg-type]
    assert said in browser.get("/key/").text


def test_button_asks_the_relay_once(browse: Browse, ada: User) -> None:
    assert [browse(ada).post("/key/check").status_code for _ in range(2)] == [302, 302]
    assert wakeups.names() == ["check_key"]


def test_callback_that_came_is_told(
    priced_project: Project, browse: Browse, ada: User, ben: User, settings: Settings
) -> None:
    settings.PUBLIC_URL = "https://studio.example"
    browser = browse(ada)
    assert "None has come yet." in browser.get("/key/").text
    calls.take(builders.running_job(priced_project, ben).attempt, "task_1", b"{}", NOW)
    assert "The relay reaches this studio." in browser.get("/key/").text
