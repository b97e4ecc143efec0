"""A job's page, and what can be done there."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.utils import timezone

from generations.accounts.models import User
from generations.jobs.models import Exchange, Job, Output
from generations.jobs.states import State
from generations.ledger import budgets
from generations.ledger.models import Currency, Hold
from generations.projects.models import Project
from tests import builders
from tests.web.conftest import HTMX, Browse


@pytest.fixture
def job(priced_project: Project, ben: User) -> Job:
    return builders.job(priced_project, ben)


@pytest.fixture
def running(priced_project: Project, ben: User) -> Job:
    return builders.running_job(priced_project, ben)


def ended(job: Job, **changes: Any) -> Job:
    """The job failed, told as the relay told it."""
    job.advance(State.FAILED, now=timezone.now(), **changes)
    return job


def test_page_shows_parameters_receipt_and_timeline(running: Job, vic: User, browse: Browse) -> None:
    Exchange.objects.create(
        attempt=running.attempt,
        at=timezone.now(),
        method="GET",
        path="/video/generations/x",
        milliseconds=12,
        body="{}",
    )
    page = browse(vic).get(f"/jobs/{running.pk}/").text
    for words in ("Seedance 2.0", "480p", "16:9", "task_1", "/video/generations/x", "12 ms", "no answer", "Sending"):
        assert words in page, words


def test_page_of_a_moving_job_polls_itself_until_it_changed(job: Job, ben: User, browse: Browse) -> None:
    told = {"card": f"{job.pk}:{job.version}"}
    assert browse(ben).get(f"/jobs/{job.pk}/poll", told, headers=HTMX).status_code == 204
    job.advance(State.SENDING, now=timezone.now())
    page = browse(ben).get(f"/jobs/{job.pk}/poll", told, headers=HTMX).text
    assert re.search(r'id="job"[^>]*data-state="sending"[^>]*hx-swap-oob="morph"', page)


def test_poll_of_an_ended_job_stops(job: Job, ben: User, browse: Browse) -> None:
    told = {"card": f"{job.pk}:{job.version}"}
    job.advance(State.CANCELLED, now=timezone.now())
    assert 'data-pace="0"' in browse(ben).get(f"/jobs/{job.pk}/poll", told, headers=HTMX).text


def test_cancel_costs_nothing_and_twice_is_harmless(job: Job, ben: User, browse: Browse) -> None:
    for _ in range(2):
        assert browse(ben).post(f"/jobs/{job.pk}/cancel")["Location"] == f"/jobs/{job.pk}/"
    job.refresh_from_db()
    assert (job.state, Hold.objects.get().state) == ("cancelled", "released")


def test_cancel_by_htmx_answers_with_the_card(job: Job, ben: User, browse: Browse) -> None:
    page = browse(ben).post(f"/jobs/{job.pk}/cancel", headers=HTMX).text
    assert 'data-state="cancelled"' in page


def test_late_cancel_says_that_it_is_charged(running: Job, ben: User, browse: Browse) -> None:
    answer = browse(ben).post(f"/jobs/{running.pk}/cancel", follow=True)
    assert "charged if it succeeds" in answer.text
    running.refresh_from_db()
    assert running.state == "running"


def test_cancel_is_not_offered_once_the_relay_has_it(running: Job, ben: User, browse: Browse) -> None:
    assert "/cancel" not in browse(ben).get(f"/jobs/{running.pk}/").text


def test_retry_asks_the_same_again_and_twice_is_one(running: Job, ben: User, browse: Browse) -> None:
    ended(running)
    for _ in range(2):
        answer = browse(ben).post(f"/jobs/{running.pk}/retry", {"key": "again"})
    made = Job.objects.exclude(pk=running.pk).get()
    assert answer["Location"] == f"/jobs/{made.pk}/"
    assert (made.prompt, made.seed, made.parent) == (running.prompt, running.seed, running)


def test_retry_by_htmx_puts_the_card_on_top(running: Job, ben: User, browse: Browse) -> None:
    ended(running)
    path, board = f"/jobs/{running.pk}/retry", "/projects/dusk/"
    page = browse(ben).post(path, {"key": "again"}, headers=HTMX).text
    assert f'id="job-{Job.objects.exclude(pk=running.pk).get().pk}"' in page
    assert browse(ben).post(path, {"key": "again"}, headers=HTMX)["HX-Redirect"] == board


def test_retry_of_a_job_under_way_is_refused(running: Job, ben: User, browse: Browse) -> None:
    answer = browse(ben).post(f"/jobs/{running.pk}/retry", {"key": "again"})
    assert answer.status_code == 422
    assert "not over yet" in answer.text
    assert Job.objects.count() == 1


def test_retry_over_budget_is_refused_with_the_figures(job: Job, ben: User, browse: Browse) -> None:
    browse(ben).post(f"/jobs/{job.pk}/cancel")
    budgets.set_project_limit(job.project, Currency.SBX, 100_000, timezone.now())
    answer = browse(ben).post(f"/jobs/{job.pk}/retry", {"key": "again"}, headers=HTMX)
    assert answer.status_code == 422
    assert "this needs SBX 0.34." in answer.text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"failure_code": "internal", "failure_message": "frame 37 broke"}, "frame 37 broke"),
        ({"failure_code": "OutputVideoSensitiveContentDetected"}, "Blocked by policy"),
        ({"failure_message": "content blocked: may be sensitive"}, "Blocked by policy"),
    ],
)
def test_failure_is_told_in_the_relays_words(
    running: Job, ben: User, browse: Browse, changes: dict[str, str], words: str
) -> None:
    ended(running, **changes)
    for page in (f"/jobs/{running.pk}/", "/projects/dusk/"):
        text = browse(ben).get(page).text
        assert words in text
        assert "ailed costs nothing" in text


def test_unknown_outcome_warns_not_to_send_again(running: Job, ben: User, browse: Browse) -> None:
    running.advance(State.UNKNOWN, now=timezone.now())
    page = browse(ben).get("/projects/dusk/").text
    assert "Do not send it again" in page
    assert f"/jobs/{running.pk}/retry" not in page


def test_clip_that_could_not_be_kept_says_so(running: Job, ben: User, browse: Browse) -> None:
    Output.objects.create(job=running, archive_reason="expired", created_at=timezone.now())
    running.advance(State.FETCHING, now=timezone.now())
    running.advance(State.SUCCEEDED, now=timezone.now(), cost_micros=400_000)
    page = browse(ben).get("/projects/dusk/").text
    assert "expired before it could be kept" in page
    assert "<video" not in page


def test_progress_is_shown_only_where_the_relay_gives_it(running: Job, ben: User, browse: Browse) -> None:
    assert "<progress" not in browse(ben).get("/projects/dusk/").text
    running.change(progress=62)
    assert re.search(r'<progress max="100"\s+value="62"', browse(ben).get("/projects/dusk/").text)


def test_reason_of_waiting_is_shown(job: Job, ben: User, browse: Browse) -> None:
    job.change(waiting_reason="The relay asked us to slow down.")
    assert "The relay asked us to slow down." in browse(ben).get("/projects/dusk/").text
