"""Several from one press: all of them or none, each with a seed, and the same again when pressed twice."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import timezone

from generations.accounts.models import User
from generations.jobs.models import Job
from generations.ledger import budgets
from generations.ledger.models import Budget, Currency, Hold
from generations.projects.models import Project
from tests.web.conftest import HTMX, Browse, form

BOARD = "/projects/dusk/"
ONE = 336_263  # four seconds of 480p


@pytest.fixture
def browser(priced_project: Project, ben: User, browse: Browse) -> Client:
    return browse(ben)


def seeds() -> list[int | None]:
    return sorted(Job.objects.values_list("seed", flat=True), key=str)


def test_each_has_the_next_seed_and_its_own_hold(browser: Client) -> None:
    browser.post(f"{BOARD}generate", form(copies="3", seed="7"))
    assert (seeds(), Hold.objects.count()) == ([7, 8, 9], 3)
    page = browser.get(BOARD).text
    assert [f"seed {seed}" in page for seed in (7, 8, 9)] == [True] * 3


def test_any_seed_is_drawn_and_shown(browser: Client) -> None:
    browser.post(f"{BOARD}generate", form(copies="2", seed=""))
    assert len({seed for seed in seeds() if seed is not None}) == 2


@pytest.mark.parametrize("seed", ["", "7"])
def test_same_form_twice_makes_the_same_jobs(browser: Client, seed: str) -> None:
    sent = form(copies="4", seed=seed)
    for _ in range(2):
        assert browser.post(f"{BOARD}generate", sent).status_code == 302
    assert (Job.objects.count(), Hold.objects.count()) == (4, 4)


def test_same_form_with_another_number_is_refused(browser: Client) -> None:
    sent = form(copies="2")
    browser.post(f"{BOARD}generate", sent)
    for copies in ("1", "3"):
        assert browser.post(f"{BOARD}generate", sent | {"copies": copies}).status_code == 422
    assert Job.objects.count() == 2


def test_all_or_none_against_the_budget(browser: Client, priced_project: Project) -> None:
    budget = budgets.budget_of(Budget.Scope.PROJECT, Currency.SBX, project=priced_project)
    budgets.set_limit(budget, 4 * ONE - 1, timezone.now())
    answer = browser.post(f"{BOARD}generate", form(copies="4"))
    assert (answer.status_code, Job.objects.count(), Hold.objects.count()) == (422, 0, 0)
    assert browser.post(f"{BOARD}generate", form(copies="3")).status_code == 302


def test_button_says_the_price_of_all(browser: Client) -> None:
    page = browser.post(f"{BOARD}estimate", form(copies="3"), headers=HTMX).text
    assert re.search(r'id="quote".*?SBX 1\.01', page, re.DOTALL)


def test_cards_of_all_come_at_once(browser: Client) -> None:
    page = browser.post(f"{BOARD}generate", form(copies="2"), headers=HTMX).text
    assert page.count('class="card"') == 2


@pytest.mark.parametrize("copies", ["0", "5", "x", "-1"])
def test_other_numbers_are_refused(browser: Client, copies: str) -> None:
    answer = browser.post(f"{BOARD}generate", form(copies=copies))
    assert (answer.status_code, "1 to 4 variations" in answer.text, Job.objects.count()) == (422, True, 0)


def test_model_without_seeds_makes_them_all_the_same(browser: Client) -> None:
    sent = form(copies="2", model="grok-imagine-video", resolution="480p", seconds="6", seed="")
    browser.post(f"{BOARD}generate", sent)
    assert set(Job.objects.values_list("seed", flat=True)) <= {None}
