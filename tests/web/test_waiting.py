"""The line on its page and on the card: one's place, and of strangers' clips only that they wait."""

import datetime as dt

import pytest
from django.utils import timezone

from generations.accounts.models import User
from generations.jobs import line
from generations.jobs.models import Attempt, Job
from generations.projects.models import Project
from generations.web import waiting
from tests import builders
from tests.web.conftest import HTMX, Browse

PAGE = "/queue/"


@pytest.fixture
def jobs(priced_project: Project, ann: User, ben: User, cat: User) -> list[Job]:
    """Cat's in a project of her own, then Ben's, then Ann's two: all wait for a while. Cat was served just now."""
    hers = builders.project("Dawn", manager=cat)
    asked_at = timezone.now() - dt.timedelta(minutes=3)
    line.take_turn(cat.pk, timezone.now())
    return [
        builders.job(project, user, now=asked_at + dt.timedelta(seconds=number), prompt=f"<b>{user.name}</b> {number}")
        for number, (project, user) in enumerate(
            ((hers, cat), (priced_project, ben), (priced_project, ann), (priced_project, ann))
        )
    ]


def test_queue_tells_places_and_hides_strangers_clips(jobs: list[Job], ben: User, browse: Browse) -> None:
    page = browse(ben).get(PAGE)
    shown = [(row.place.number, row.job.prompt if row.job else None) for row in page.context["rows"]]
    assert shown == [(1, "<b>Ben</b> 1"), (2, "<b>Ann</b> 2"), (3, None), (4, "<b>Ann</b> 3")]
    assert ("&lt;b&gt;Ben" in page.text, "<b>Ben" in page.text, "Cat" in page.text) == (True, False, False)


@pytest.mark.parametrize(("who", "sees"), [("cat", 1), ("ada", 4), ("bill", 0), ("vic", 3)])
def test_everybody_sees_their_own_projects_clips(
    jobs: list[Job], ada: User, request: pytest.FixtureRequest, browse: Browse, who: str, sees: int
) -> None:
    page = browse(request.getfixturevalue(who)).get(PAGE)
    assert sum(row.job is not None for row in page.context["rows"]) == sees
    assert page.text.count("Somebody&#x27;s clip") + page.text.count("Somebody's clip") == 4 - sees


def test_card_says_its_place(jobs: list[Job], ann: User, ben: User, browse: Browse) -> None:
    assert "2nd in line" in browse(ann).get("/projects/dusk/").text
    assert "Next in line" in browse(ben).get(f"/jobs/{jobs[1].pk}/").text


def test_card_says_how_long_about_when_the_line_moves(jobs: list[Job], ann: User, browse: Browse) -> None:
    sent_at = timezone.now() - dt.timedelta(minutes=1)
    Attempt.objects.filter(job=jobs[0]).update(sending_at=sent_at)
    Job.objects.filter(pk=jobs[0].pk).update(state="sending")
    assert "3rd in line · its turn in about 6–13 min" in browse(ann).get("/projects/dusk/").text


def test_poll_brings_the_card_when_its_place_changed(jobs: list[Job], ann: User, browse: Browse) -> None:
    browser, job = browse(ann), jobs[3]
    same, other = (browser.get(f"/jobs/{job.pk}/poll", {"card": f"{job.pk}:0.{n}"}, headers=HTMX) for n in (4, 5))
    assert (same.status_code, other.status_code, "4th in line" in other.text) == (204, 200, True)


def test_lone_job_is_in_no_line(priced_project: Project, ben: User, browse: Browse) -> None:
    builders.job(priced_project, ben, now=timezone.now() - dt.timedelta(minutes=1))
    assert "in line" not in browse(ben).get("/projects/dusk/").text


def test_empty_queue_says_so(ben: User, browse: Browse) -> None:
    assert "Nothing waits" in browse(ben).get(PAGE).text


def test_ones_own_far_back_is_told_too(
    jobs: list[Job], ann: User, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "SHOWN", 1)
    page = browse(ann).get(PAGE)
    assert [row.place.number for row in page.context["mine_beyond"]] == [2]
    assert "Yours, further back" in page.text


def test_queue_refuses_post(ben: User, browse: Browse) -> None:
    assert browse(ben).post(PAGE).status_code == 405
