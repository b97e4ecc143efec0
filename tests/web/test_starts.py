"""Templates in pages: kept from the composer, used with their blanks filled, renamed, deleted, by whom."""

from __future__ import annotations

import pytest
from django.test import Client

from generations.accounts.models import User
from generations.projects.models import Project
from generations.starts import templates
from generations.starts.models import Template
from tests.builders import NOW
from tests.web.conftest import HTMX, Browse, form

PAGE = "/projects/dusk/templates/"
PROMPT = "A {{subject}} <b>at dusk</b>"


@pytest.fixture
def browser(priced_project: Project, ben: User, browse: Browse) -> Client:
    return browse(ben)


def keep(browser: Client, name: str = "Dusk", **changes: str) -> str:
    return browser.post(
        f"{PAGE}keep", form(prompt=PROMPT, seconds="9") | {"template_name": name} | changes, headers=HTMX
    ).text


def test_composer_is_kept_and_used_with_its_blank_filled(browser: Client) -> None:
    assert "Kept as the template Dusk." in keep(browser)
    kept = Template.objects.get()
    page = browser.get(PAGE).text
    assert "&lt;b&gt;at dusk&lt;/b&gt;" in page
    assert 'name="blank-subject"' in page
    board = browser.get(f"/projects/dusk/?template={kept.pk}&blank-subject=<i>fox").text
    assert "A &lt;i&gt;fox &lt;b&gt;at dusk&lt;/b&gt;" in board
    assert 'value="9"' in board


def test_without_javascript_the_form_stays_as_it_was(browser: Client) -> None:
    answer = browser.post(f"{PAGE}keep", form(prompt=PROMPT, seed="77") | {"template_name": "Dusk"})
    assert "Kept as the template Dusk." in answer.text
    assert 'value="77"' in answer.text


@pytest.mark.parametrize(
    ("name", "changes", "said"),
    [(" ", {}, "Give it a name"), ("Dusk", {"prompt": " "}, "Write a prompt first"), ("<i>", {}, "called &lt;i&gt;")],
)
def test_what_cannot_be_kept_is_said(browser: Client, name: str, changes: dict[str, str], said: str) -> None:
    keep(browser, "<i>")
    assert said in keep(browser, name, **changes)
    assert Template.objects.count() == 1


def test_template_of_the_studio_is_the_admins(browser: Client, browse: Browse, ada: User) -> None:
    sent = form() | {"template_name": "All", "for_studio": "on"}
    assert browser.post(f"{PAGE}keep", sent).status_code == 403
    assert browse(ada).post(f"{PAGE}keep", sent).status_code == 200
    kept = Template.objects.get()
    assert kept.is_of_studio
    acts = [f"{PAGE}{kept.pk}/rename", f"{PAGE}{kept.pk}/delete"]
    assert [browser.post(act, {"name": "Mine"}).status_code for act in acts] == [403, 403]


def test_template_is_renamed_and_deleted_twice(browser: Client, priced_project: Project, ben: User) -> None:
    kept = templates.keep(name="Dusk", fields={"prompt": "x"}, project=priced_project, user=ben, now=NOW)
    browser.post(f"{PAGE}{kept.pk}/rename", {"name": "Dawn"})
    assert Template.objects.get().name == "Dawn"
    assert [browser.post(f"{PAGE}{kept.pk}/delete").status_code for _ in range(2)] == [302, 302]
    assert not Template.objects.exists()
