"""The board's cards and its one poll."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from generations.accounts.models import User
from generations.jobs.models import Job
from generations.jobs.states import State
from generations.projects.models import Project
from tests import builders
from tests.web.conftest import HTMX, Browse

BOARD = "/projects/dusk/"


@pytest.fixture
def job(priced_project: Project, ben: User) -> Job:
    return builders.job(priced_project, ben)


def polled(browser: Client, *cards: Job, pace: int = 2, fresh: int = 0, **more: Any) -> Any:
    told: dict[str, Any] = {"card": [f"{card.pk}:{card.version}" for card in cards], "pace": pace, "fresh": fresh}
    return browser.get(f"{BOARD}poll", {"since": timezone.now().isoformat()} | told | more, headers=HTMX)


def test_card_has_its_handles(job: Job, ben: User, browse: Browse) -> None:
    page = browse(ben).get(BOARD).text
    assert re.search(rf'id="job-{job.pk}"\s+class="card"\s+data-state="queued"', page)
    assert f'href="/jobs/{job.pk}/"' in page
    assert re.search(rf'name="card"\s+value="{job.pk}:{job.version}"', page)


def test_viewer_sees_cards_without_composer_or_buttons(job: Job, vic: User, browse: Browse) -> None:
    page = browse(vic).get(BOARD).text
    assert f'id="job-{job.pk}"' in page
    assert 'name="prompt"' not in page
    assert "/cancel" not in page


def test_board_shows_24_cards_and_a_link_to_the_rest(priced_project: Project, ben: User, browse: Browse) -> None:
    for number in range(26):
        builders.job(priced_project, ben, now=builders.NOW + dt.timedelta(seconds=number // 2), prompt=f"Clip {number}")
    first = browse(ben).get(BOARD).text
    link = re.search(r'href="(\?before=[^"]+)"', first)
    assert link
    second = browse(ben).get(BOARD + link[1]).text
    shown = [re.findall(r'<li id="job-([0-9a-f-]{36})"', page) for page in (first, second)]
    assert [len(ids) for ids in shown] == [24, 2]
    assert len(set(shown[0] + shown[1])) == 26


def test_more_by_htmx_is_cards_only(priced_project: Project, ben: User, browse: Browse) -> None:
    builders.job(priced_project, ben)
    before = f"{(builders.NOW + dt.timedelta(days=1)).isoformat()}_{uuid.uuid4()}"
    page = browse(ben).get(BOARD, {"before": before}, headers=HTMX).text
    assert page.count('<li id="job-') == 1
    assert "<html" not in page


def test_nonsense_in_before_shows_the_first_page(job: Job, ben: User, browse: Browse) -> None:
    assert f"job-{job.pk}" in browse(ben).get(BOARD, {"before": "yesterday_x"}).text


def test_empty_board_offers_three_examples(priced_project: Project, ben: User, browse: Browse) -> None:
    assert browse(ben).get(BOARD).text.count('class="example"') == 3


def test_figures_show_what_is_held_in_sandbox_money(priced_project: Project, ben: User, browse: Browse) -> None:
    builders.job(priced_project, ben, now=timezone.now())
    page = browse(ben).get(BOARD).text
    assert re.search(r"SBX 0\.34</b>\s+held", page)
    assert "sandbox money" in page


def test_poll_with_nothing_new_is_204(job: Job, ben: User, browse: Browse) -> None:
    assert polled(browse(ben), job).status_code == 204


def test_poll_sends_a_changed_card_in_place(job: Job, ben: User, browse: Browse) -> None:
    stale = Job.objects.get(pk=job.pk)
    job.advance(State.SENDING, now=timezone.now())
    page = polled(browse(ben), stale).text
    assert re.search(rf'id="job-{job.pk}"[^>]*data-state="sending"[^>]*hx-swap-oob="morph"', page)
    assert polled(browse(ben), job).status_code == 204


def test_poll_says_what_ended(job: Job, ben: User, browse: Browse) -> None:
    stale = Job.objects.get(pk=job.pk)
    job.advance(State.CANCELLED, now=timezone.now())
    page = polled(browse(ben), stale).text
    assert "Dusk walk over the harbour: Cancelled." in page
    assert 'data-pace="60"' in page


@pytest.mark.parametrize(("who", "pace"), [("ben", 2), ("ann", 15)])
def test_pace_is_quick_for_ones_own(
    job: Job, browse: Browse, request: pytest.FixtureRequest, who: str, pace: int
) -> None:
    answer = polled(browse(request.getfixturevalue(who)), job, pace=60)
    assert f'data-pace="{pace}"' in answer.text


def test_others_new_jobs_wait_behind_a_pill(job: Job, ann: User, ben: User, browse: Browse) -> None:
    since = timezone.now() - dt.timedelta(minutes=1)
    builders.job(job.project, ben, now=timezone.now())
    page = polled(browse(ann), job, pace=15, since=since.isoformat()).text
    assert re.search(r'class="pill"[^>]*href="/projects/dusk/"', page)
    assert "1 new" in page
    told = {"since": since.isoformat(), "card": f"{job.pk}:{job.version}.1"}  # of the two it is next in line
    assert polled(browse(ann), job, pace=15, fresh=1, **told).status_code == 204
    assert "pill" not in polled(browse(ben), job, pace=60, since=since.isoformat()).text


def test_poll_passes_over_nonsense_and_strangers_jobs(job: Job, cat: User, ben: User, browse: Browse) -> None:
    other = builders.job(builders.project("Other", manager=cat), cat)
    nonsense = {
        "card": ["x", f"{other.pk}:99", "1:2:3", f"{uuid.uuid4()}:1"],
        "since": "never",
        "pace": "60",
        "fresh": "0",
    }
    assert browse(ben).get(f"{BOARD}poll", nonsense, headers=HTMX).status_code == 204


def test_quiet_poll_asks_few_questions(job: Job, ben: User, browse: Browse, django_assert_max_num_queries: Any) -> None:
    browser = browse(ben)
    polled(browser, job)  # the first one writes down that this session is in use
    with django_assert_max_num_queries(7):  # session, person, project, role, cards, new ones, the line
        assert polled(browser, job).status_code == 204
