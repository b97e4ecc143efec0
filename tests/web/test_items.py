"""The page of an item: what whom is shown, the ways on, title and tags."""

from __future__ import annotations

import datetime as dt

import pytest

from generations.accounts.models import User
from generations.gallery.models import Item
from generations.projects.models import Project
from tests import builders
from tests.web.conftest import Browse

pytestmark = pytest.mark.django_db


@pytest.fixture
def items(priced_project: Project, ben: User) -> list[Item]:
    """Three, the oldest first."""
    moments = [builders.NOW + dt.timedelta(minutes=at) for at in range(3)]
    return [builders.item(priced_project, ben, prompt=f"Clip {at} <b>", now=now) for at, now in enumerate(moments)]


def test_page_shows_the_clip_and_where_it_comes_from(items: list[Item], browse: Browse, vic: User) -> None:
    item = items[1]
    page = browse(vic).get(item.get_absolute_url()).text
    assert f'src="/outputs/{item.output_id}/clip?look"' in page
    assert item.media.sha256 in page
    assert "Clip 1 &lt;b&gt;" in page


def test_ways_lead_to_the_neighbours_within_the_filter(items: list[Item], browse: Browse, vic: User) -> None:
    browser = browse(vic)
    for query in ("", "?project=dusk", "?q=clip"):
        page = browser.get(items[1].get_absolute_url() + query).text
        following, previous = items[0].get_absolute_url(), items[2].get_absolute_url()
        assert (f'href="{previous}{query}"' in page, f'href="{following}{query}"' in page) == (True, True), query
    alone = browser.get(items[1].get_absolute_url() + '?q="clip 1"').text
    assert 'rel="prev"' not in alone
    assert 'rel="next"' not in alone


def test_cost_is_shown_to_those_who_may_see_it(
    items: list[Item], browse: Browse, ann: User, ben: User, vic: User
) -> None:
    sees = {user.name: "SBX 0.3" in browse(user).get(items[0].get_absolute_url()).text for user in (ann, ben, vic)}
    assert sees == {"Ann": True, "Ben": True, "Vic": False}


def test_member_gives_title_and_tags_and_comes_back(items: list[Item], browse: Browse, ben: User) -> None:
    item = items[0]
    form = {"title": "<b>Opening", "tags": "Hero, hero, <i>"}
    answer = browse(ben).post(f"/gallery/{item.output_id}/describe?project=dusk", form)
    assert answer["Location"] == f"{item.get_absolute_url()}?project=dusk"
    item.refresh_from_db()
    assert (item.title, item.tags) == ("<b>Opening", ["hero", "<i>"])
    page = browse(ben).get(item.get_absolute_url()).text
    assert "&lt;b&gt;Opening" in page
    assert "<b>Opening" not in page


def test_too_many_tags_are_refused_and_kept(items: list[Item], browse: Browse, ben: User) -> None:
    answer = browse(ben).post(f"/gallery/{items[0].output_id}/describe", {"title": "", "tags": "y" * 41})
    assert (answer.status_code, "y" * 41 in answer.text) == (422, True)


def test_stranger_watches_an_open_gallery_and_touches_nothing(items: list[Item], browse: Browse, cat: User) -> None:
    address = items[0].get_absolute_url()
    assert browse(cat).get(address).status_code == 404
    Project.objects.update(gallery_open=True)
    page = browse(cat).get(address)
    assert (page.status_code, "Job and receipt" in page.text, "SBX" in page.text) == (200, False, False)
    assert browse(cat).post(f"{address}describe", {"title": "x"}).status_code == 403
    assert browse(cat).get(f"/jobs/{items[0].job_id}/").status_code == 404
