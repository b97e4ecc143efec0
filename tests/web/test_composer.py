"""The composer: what it offers, what it refuses, and the job that it makes."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from generations.accounts.models import User
from generations.catalog.models import Price, VideoModel
from generations.jobs.models import Job
from generations.ledger import budgets
from generations.ledger.models import Currency, Hold
from generations.projects.models import Project
from tests.web.conftest import HTMX, Browse, form

BOARD = "/projects/dusk/"


@pytest.fixture
def browser(priced_project: Project, ben: User, browse: Browse) -> Client:
    return browse(ben)


def test_board_has_the_fields_and_the_button(browser: Client) -> None:
    page = browser.get(BOARD).text
    assert re.search(r'<textarea id="prompt"\s+name="prompt"', page)
    for name in ("model", "resolution", "ratio", "seconds", "audio", "seed", "key"):
        assert re.search(rf'name="{name}"', page), name
    assert re.search(r'<button id="generate"[^>]*>\s*<span id="verb"\s*>Generate', page)


def test_every_model_is_offered_by_vendor_with_its_price(browser: Client) -> None:
    page = browser.get(BOARD).text
    assert page.count("<optgroup") == len(set(VideoModel.objects.values_list("vendor", flat=True)))
    assert "Seedance 2.0 · from SBX 0.42 for 5 s" in page


def test_estimate_stands_on_the_button(browser: Client) -> None:
    page = browser.get(f"{BOARD}?model=seedance-2.0&resolution=720p&seconds=5").text
    assert re.search(r'id="quote".*?SBX 0\.95', page, re.DOTALL)


def test_generate_queues_the_job_as_asked(browser: Client, ben: User) -> None:
    answer = browser.post(f"{BOARD}generate", form())
    assert (answer.status_code, answer["Location"]) == (302, BOARD)
    job = Job.objects.get()
    asked = (job.prompt, job.model.name, job.resolution, job.ratio, job.seconds, job.audio, job.seed, job.user)
    assert asked == ("Dusk walk over the harbour", "seedance-2.0", "480p", "16:9", 4, True, 7, ben)


def test_generate_by_htmx_answers_with_the_card_and_a_fresh_key(browser: Client) -> None:
    sent = form()
    page = browser.post(f"{BOARD}generate", sent, headers=HTMX).text
    assert f'id="job-{Job.objects.get().pk}"' in page
    assert 'hx-swap-oob="afterbegin:#cards"' in page
    assert sent["key"] not in page
    assert 'name="key"' in page


def test_same_form_twice_makes_one_job(browser: Client) -> None:
    sent = form()
    for _ in range(2):
        assert browser.post(f"{BOARD}generate", sent).status_code == 302
    assert browser.post(f"{BOARD}generate", sent, headers=HTMX)["HX-Redirect"] == BOARD
    assert (Job.objects.count(), Hold.objects.count()) == (1, 1)


def test_same_key_with_other_words_is_refused_and_gets_a_fresh_key(browser: Client) -> None:
    sent = form()
    browser.post(f"{BOARD}generate", sent)
    answer = browser.post(f"{BOARD}generate", sent | {"prompt": "Other words"})
    assert answer.status_code == 422
    assert sent["key"] not in answer.text
    assert Job.objects.count() == 1


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"prompt": ""}, "prompt", "Describe the clip"),
    ({"prompt": "x" * 4001}, "prompt", "4,000"),
    ({"prompt": "A fox --rs 1080p"}, "prompt", "--rs"),
    ({"resolution": "2k"}, "resolution", "480p, 720p, 1080p or 4k"),
    ({"ratio": "2:1"}, "ratio", "16:9"),
    ({"seconds": "99"}, "seconds", "4 to 15"),
    ({"seconds": "five"}, "seconds", "4 to 15"),
    ({"seed": "-1"}, "seed", "whole number"),
    ({"model": "nope"}, "model", "Choose one of the models"),
]


@pytest.mark.parametrize(("change", "field", "words"), WRONG)
def test_refusal_names_the_field_and_what_is_allowed(
    browser: Client, change: dict[str, Any], field: str, words: str
) -> None:
    answer = browser.post(f"{BOARD}generate", form(**change))
    assert answer.status_code == 422
    said = re.search(rf'id="problem-{field}"[^>]*>(.*?)</p>', answer.text, re.DOTALL)
    assert said
    assert words in said[1]
    assert not Job.objects.exists()
    assert not Hold.objects.exists()


def test_refusal_keeps_everything_typed(browser: Client) -> None:
    sent = form(prompt="A <b>fox</b>", seconds="99", seed="42", ratio="9:16", audio=None)
    page = browser.post(f"{BOARD}generate", sent).text
    assert "A &lt;b&gt;fox&lt;/b&gt;</textarea>" in page
    assert re.search(r'name="seconds"[^>]*value="99"', page)
    assert re.search(r'name="seed"[^>]*value="42"', page)
    assert re.search(r'value="9:16"\s+selected', page)
    assert sent["key"] in page


def test_refusal_by_htmx_is_the_composer_alone(browser: Client) -> None:
    answer = browser.post(f"{BOARD}generate", form(prompt=""), headers=HTMX)
    assert (answer.status_code, answer["HX-Retarget"]) == (422, "#composer")
    assert "<html" not in answer.text


def test_over_budget_is_refused_with_the_figures(browser: Client, priced_project: Project) -> None:
    budgets.set_project_limit(priced_project, Currency.SBX, 300_000, timezone.now())
    answer = browser.post(f"{BOARD}generate", form())
    assert answer.status_code == 422
    assert "SBX 0.30 of SBX 0.30 left, this needs SBX 0.34." in answer.text
    assert not Job.objects.exists()


def test_archived_project_takes_nothing(browser: Client, priced_project: Project) -> None:
    Project.objects.update(archived_at=timezone.now())
    answer = browser.post(f"{BOARD}generate", form())
    assert answer.status_code == 422
    assert "archived" in answer.text
    assert not Job.objects.exists()


def test_model_without_a_price_is_greyed_and_refused(browser: Client) -> None:
    Price.objects.filter(relay_model__startswith="minimax").delete()
    page = browser.get(BOARD).text
    assert re.search(r'value="minimax-h3"\s+disabled', page)
    assert browser.post(f"{BOARD}generate", form(model="minimax-h3", resolution="768p")).status_code == 422


def test_what_the_model_cannot_do_is_greyed_with_the_reason(browser: Client) -> None:
    page = browser.get(f"{BOARD}?model=happyhorse-1.0").text
    assert re.search(r'value="4k"\s+disabled>4k · not with HappyHorse 1.0', page)
    assert re.search(r'id="audio"[^>]*checked\s+disabled', page)
    assert "always on with HappyHorse 1.0" in page


def test_change_of_model_keeps_what_it_can_do(browser: Client) -> None:
    sent = form(model="happyhorse-1.0", resolution="1080p", ratio="9:16", seconds="7")
    page = browser.post(f"{BOARD}model", sent).text
    assert "Dusk walk over the harbour</textarea>" in page
    assert re.search(r'name="seconds"[^>]*value="7"', page)
    assert re.search(r'value="1080p"\s+selected', page)
    assert sent["key"] in page


def test_change_of_model_says_what_it_changed(browser: Client) -> None:
    page = browser.post(f"{BOARD}model", form(model="happyhorse-1.0", resolution="4k"), headers=HTMX).text
    assert "Changed for HappyHorse 1.0: resolution." in page
    assert "<textarea" not in page  # what is being typed is not touched


def test_estimate_follows(browser: Client) -> None:
    page = browser.post(f"{BOARD}estimate", form(resolution="720p", seconds="5"), headers=HTMX).text
    assert "SBX 0.95" in page


def test_estimate_shows_problems_but_not_that_nothing_is_typed_yet(browser: Client) -> None:
    page = browser.post(f"{BOARD}estimate", form(prompt="", seconds="99"), headers=HTMX).text
    assert "Describe the clip" not in page
    assert "4 to 15" in page
    assert "SBX" not in page


def test_example_link_fills_the_form(browser: Client) -> None:
    link = re.search(r'class="example" href="(\?[^"]+)"', browser.get(BOARD).text)
    assert link
    page = browser.get(BOARD + link[1].replace("&amp;", "&")).text
    assert "A slow walk over a harbour bridge at dusk." in page.split("</textarea>")[0]


def test_edit_fills_the_form_from_a_job_and_remembers_it(browser: Client) -> None:
    browser.post(f"{BOARD}generate", form(seed="99"))
    job = Job.objects.get()
    page = browser.get(f"{BOARD}?from={job.pk}").text
    assert "Dusk walk over the harbour</textarea>" in page
    assert re.search(r'name="seed"[^>]*value="99"', page)
    browser.post(f"{BOARD}generate", form(parent=str(job.pk)))
    assert Job.objects.exclude(pk=job.pk).get().parent == job


def test_scenarios_are_offered_with_the_sandbox_only(browser: Client, settings: Any) -> None:
    assert "Rehearse trouble" in browser.get(BOARD).text
    settings.IS_SANDBOX = False
    page = browser.get(BOARD).text
    assert "Rehearse trouble" not in page
    assert "$0.42" in page
