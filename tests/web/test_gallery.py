"""The gallery's grid: tiles, pages, filters in the address, words; for those who may see them."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from generations.accounts.models import User
from generations.gallery.models import Item
from generations.projects.models import Project
from tests import builders
from tests.web.conftest import HTMX, Browse

pytestmark = pytest.mark.django_db


@pytest.fixture
def items(priced_project: Project, ben: User) -> list[Item]:
    """62, the oldest first: one full page and two more."""
    moments = [builders.NOW + dt.timedelta(minutes=at) for at in range(62)]
    return [builders.item(priced_project, ben, prompt=f"Clip {at} <b>", now=now) for at, now in enumerate(moments)]


def shown(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'class="tile-name" title="Clip (\d+) &lt;b&gt;"', page)]


def test_page_and_the_next_hold_each_item_once(items: list[Item], browse: Browse, vic: User) -> None:
    browser = browse(vic)
    first = browser.get("/gallery/").text
    assert shown(first) == list(range(61, 1, -1))
    (address,) = set(re.findall(r'href="(\?after=[^"]+)"', first))
    more = address.replace("&amp;", "&")
    assert shown(browser.get(f"/gallery/{more}").text) == [1, 0]
    part = browser.get(f"/gallery/{more}", headers=HTMX).text
    assert (shown(part), "<html" in part, "after=" in part) == ([1, 0], False, False)


def test_tile_has_a_sized_poster_with_the_prompt_and_no_video(items: list[Item], browse: Browse, vic: User) -> None:
    page = browse(vic).get("/gallery/").text
    poster = re.findall(r"<img[^>]+>", page)[0]
    assert f'src="/outputs/{items[-1].output_id}/poster"' in poster
    assert 'width="854"' in poster
    assert 'alt="Clip 61 &lt;b&gt;"' in poster
    assert "<video" not in page


def test_words_and_filters_stand_in_the_address_and_stay_in_it(items: list[Item], browse: Browse, vic: User) -> None:
    Item.objects.filter(pk=items[3].pk).update(review="approved")
    page = browse(vic).get("/gallery/?q=clip&project=dusk&review=approved&ratio=16:9").text
    assert shown(page) == [3]
    assert f"/gallery/{items[3].output_id}/?q=clip&amp;project=dusk&amp;ratio=16%3A9&amp;review=approved" in page
    assert shown(browse(vic).get('/gallery/?q="clip 7"').text) == [7]


def test_words_lead_on_page_by_page(items: list[Item], browse: Browse, vic: User) -> None:
    browser = browse(vic)
    assert shown(browser.get("/gallery/?q=clip&after=60").text) == [1, 0]
    newest = browser.get("/gallery/?q=clip&sort=new").text
    more = re.findall(r'href="(\?q=clip[^"]*after=\d+)"', newest)[0].replace("&amp;", "&")
    assert shown(browser.get(f"/gallery/{more}").text) == [1, 0]


@pytest.mark.parametrize(
    "query",
    [
        "stars=9",
        "length=x",
        "from=2026-99-01",
        "kind=x&sort=x",
        "q=%00",
        "q=%22%27)(",
        "after=%00_x",
        "q=a&after=²",
        "shelf=gone",
    ],
)
def test_what_makes_no_sense_is_as_if_it_were_not_there(browse: Browse, vic: User, query: str) -> None:
    assert browse(vic).get(f"/gallery/?{query}").status_code == 200


@pytest.mark.parametrize(
    "query", ["project=dusk", "project=nope", "person=99999999999999999999", "person=x", "model=x"]
)
@pytest.mark.parametrize("more", ["", "&collection=1", f"&collection={'0' * 32}"])
def test_what_nobody_may_name_is_not_found(project: Project, browse: Browse, cat: User, query: str, more: str) -> None:
    assert browse(cat).get(f"/gallery/?{query}{more}").status_code == 404


def test_stranger_sees_an_empty_gallery_until_it_is_opened(items: list[Item], browse: Browse, cat: User) -> None:
    assert "Nothing has been made yet" in browse(cat).get("/gallery/").text
    Project.objects.update(gallery_open=True)
    page = browse(cat).get("/gallery/").text
    assert len(shown(page)) == 60
    assert "Remix" not in page


def test_only_who_may_generate_is_offered_a_remix(items: list[Item], browse: Browse, vic: User, ben: User) -> None:
    assert "Remix" not in browse(vic).get("/gallery/").text
    assert f"/projects/dusk/?from={items[-1].job_id}" in browse(ben).get("/gallery/").text


def test_clip_that_has_just_succeeded_is_there_at_once(priced_project: Project, browse: Browse, ben: User) -> None:
    builders.ready_job(priced_project, ben, prompt="Clip 1 <b>")
    assert shown(browse(ben).get("/gallery/").text) == [1]
