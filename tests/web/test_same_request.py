"""The duplicate guard on the composer: the clip that exists is offered, and made again only when somebody says so."""

import re

import pytest
from django.utils import timezone

from generations.accounts.models import User
from generations.jobs.models import Job
from generations.projects.models import Project
from tests import builders
from tests.jobs.test_duplicates import ready
from tests.web.conftest import HTMX, Browse, form

ADDRESS = "/projects/dusk/generate"


@pytest.fixture
def made(priced_project: Project, ann: User) -> Job:
    return ready(builders.job(priced_project, ann, now=timezone.now(), audio=True))


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_clip_that_exists_is_offered_before_money_moves(
    made: Job, ben: User, browse: Browse, headers: dict[str, str]
) -> None:
    answer = browse(ben).post(ADDRESS, form(), headers=headers)
    assert (answer.status_code, Job.objects.count()) == (422, 1)
    assert "this clip exists already" in answer.text
    assert f'href="/jobs/{made.pk}/"' in answer.text
    assert "Dusk walk over the harbour" in answer.text


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_made_again_when_somebody_says_so(made: Job, ben: User, browse: Browse, headers: dict[str, str]) -> None:
    browser, sent = browse(ben), form()
    offered = browser.post(ADDRESS, sent, headers=headers).text
    again = re.search(r'name="again"\s+value="([0-9a-f]{64})"', offered)
    assert again
    for _ in range(2):
        answer = browser.post(ADDRESS, sent | {"again": again[1]}, headers=headers)
        assert answer.status_code in {200, 302}
    assert Job.objects.count() == 2


def test_word_for_one_request_does_not_speak_for_another(made: Job, ben: User, browse: Browse) -> None:
    answer = browse(ben).post(ADDRESS, form(again="0" * 64))
    assert (answer.status_code, Job.objects.count()) == (422, 1)


def test_same_press_twice_is_one_job_and_no_offer(priced_project: Project, ben: User, browse: Browse) -> None:
    browser, sent = browse(ben), form()
    assert [browser.post(ADDRESS, sent).status_code for _ in range(2)] == [302, 302]
    assert Job.objects.count() == 1


def test_one_that_is_being_made_is_offered_too(priced_project: Project, ben: User, ann: User, browse: Browse) -> None:
    browse(ann).post(ADDRESS, form())
    assert "See the one that is being made" in browse(ben).post(ADDRESS, form()).text


def test_name_of_who_asked_is_escaped(made: Job, ben: User, browse: Browse) -> None:
    User.objects.filter(pk=made.user_id).update(name="<b>Ann</b>")
    assert "&lt;b&gt;Ann" in browse(ben).post(ADDRESS, form()).text
