"""What people outside get: nothing but the picture unless it was chosen; and every dead link the same bytes."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as shipped
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from generations.accounts.models import User
from generations.gallery import collecting, sharing
from generations.gallery.comments import Comment
from generations.gallery.models import Item, Shelf
from generations.gallery.shares import ShareLink
from generations.gallery.sharing import Wishes
from generations.media import archive
from generations.projects.models import Project
from tests import builders
from tests.media.clips import FASTSTART, H264, render
from tests.web.conftest import Browse

SECRET_WORDS = ("harbour", "Ben", "SBX", "Dusk", "ann@", "480p")


@pytest.fixture
def item(priced_project: Project, ben: User, tmp_path: Path, settings: Settings) -> Item:
    settings.DATA_DIR = tmp_path / "data"
    settings.MEDIA_ROOT = tmp_path / "data" / "media"
    clip = tmp_path / "clip.mp4"
    render(clip, *H264, *FASTSTART)
    return builders.item(priced_project, ben, media=archive.keep(clip))


def link(target: Any, ann: User, **wishes: Any) -> str:
    return f"/s/{sharing.make(target, Wishes(**wishes), ann, timezone.now())[1]}/"


def test_signed_out_visitor_sees_the_clip_and_nothing_else(item: Item, ann: User, client: Client) -> None:
    answer = client.get(link(item, ann))
    assert (answer.status_code, "<video" in answer.text) == (200, True)
    assert [word for word in SECRET_WORDS if word in answer.text] == []
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer["X-Robots-Tag"]
    assert answer["Cache-Control"] == "private, no-store"


def test_what_was_chosen_is_shown(item: Item, ann: User, client: Client) -> None:
    text = client.get(link(item, ann, shows_prompt=True, shows_cost=True, shows_names=True)).text
    assert ["harbour" in text, "SBX" in text, "Ben" in text] == [True, True, True]


def test_views_are_counted_once_a_page(item: Item, ann: User, client: Client) -> None:
    url = link(item, ann)
    client.head(url)
    client.get(url)
    assert b"".join(client.get(f"{url}{item.output_id}/poster").streaming_content)  # type: ignore[attr-defined]
    assert ShareLink.objects.get().views == 1


def test_clip_comes_in_ranges_without_metadata(item: Item, ann: User, client: Client) -> None:
    url = f"{link(item, ann)}{item.output_id}/clip"
    part: Any = client.get(url, headers={"Range": "bytes=0-99"})
    body = b"".join(part.streaming_content)
    assert (part.status_code, len(body), part["Cache-Control"]) == (206, 100, "private, no-store")
    whole: Any = client.get(url)
    assert b"Lavf" not in b"".join(whole.streaming_content)


def test_only_the_items_of_the_link_are_served(
    item: Item, ann: User, ben: User, priced_project: Project, client: Client
) -> None:
    other = builders.item(priced_project, ben)
    for kind in ("clip", "poster"):
        answer = client.get(f"{link(item, ann)}{other.output_id}/{kind}")
        assert (answer.status_code, answer.content) == (404, dead(client).content)
    assert client.get(f"/outputs/{item.output_id}/clip").status_code == 302  # to the sign-in


# ----------------------------------------------------------------- dead links


def dead(client: Client) -> Any:
    return client.get(f"/s/{'x' * 32}/")


def expired(item: Item) -> None:
    ShareLink.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))


def revoked(item: Item) -> None:
    ShareLink.objects.update(revoked_at=timezone.now())


def deleted(item: Item) -> None:
    Item.objects.filter(pk=item.pk).update(shelf=Shelf.BIN)


def gone(item: Item) -> None:
    Item.objects.filter(pk=item.pk).update(shelf=Shelf.GONE)


def archived(item: Item) -> None:
    Project.objects.filter(pk=item.project_id).update(archived_at=timezone.now())


@pytest.mark.parametrize("death", [expired, revoked, deleted, gone, archived])
def test_dead_links_are_the_same_to_the_byte(
    item: Item, ann: User, client: Client, death: Callable[[Item], None]
) -> None:
    url = link(item, ann, password="dusk at eight")
    death(item)
    never = dead(client)
    for path in ("", f"{item.output_id}/clip", f"{item.output_id}/poster"):
        answer = client.get(url + path)
        assert (answer.status_code, answer.content, dict(answer.headers)) == (404, never.content, dict(never.headers))
    for path in ("open", f"{item.output_id}/comment"):
        answer = client.post(url + path, {"password": "dusk at eight"})
        assert (answer.status_code, answer.content) == (404, never.content)


# ----------------------------------------------------------------- password


def test_password_opens_the_link_for_this_browser(item: Item, ann: User, client: Client) -> None:
    url = link(item, ann, password="dusk at eight")
    page = client.get(url)
    assert ("password" in page.text, "<video" in page.text) == (True, False)
    assert client.get(f"{url}{item.output_id}/clip").status_code == 404
    assert client.post(f"{url}open", {"password": "wrong"}).status_code == 422
    answer = client.post(f"{url}open", {"password": "dusk at eight"})
    cookie = answer.cookies["share"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (url, True, "Lax")
    assert "<video" in client.get(url).text
    assert ShareLink.objects.get().views == 1


def test_guesses_are_slowed_down(item: Item, ann: User, client: Client) -> None:
    url = link(item, ann, password="dusk at eight")
    answers = [client.post(f"{url}open", {"password": f"guess {n}"}).status_code for n in range(11)]
    assert answers == [422] * 10 + [429]
    assert client.post(f"{url}open", {"password": "dusk at eight"}).status_code == 429


# ----------------------------------------------------------------- guests


def test_guest_comments_where_the_link_takes_them(item: Item, ann: User, vic: User, browse: Browse) -> None:
    url, client = link(item, ann, takes_comments=True), Client(enforce_csrf_checks=True)
    told = {"name": "Zoe <b>", "text": "Lovely <i>", "at": "0:01", "key": "k"}
    for _ in range(2):
        assert client.post(f"{url}{item.output_id}/comment", told).status_code == 302
    comment = Comment.objects.get()
    assert (comment.author, comment.guest_name, comment.start_ms) == (None, "Zoe <b>", 1000)
    assert "Lovely &lt;i&gt;" in client.get(url).text
    assert "Zoe &lt;b&gt;" in browse(vic).get(f"/gallery/{item.output_id}/comments/poll?seen=0").text


def test_guest_does_not_read_what_the_team_says(item: Item, ann: User, client: Client, browse: Browse) -> None:
    browse(ann).post(f"/gallery/{item.output_id}/comments", {"text": "Among ourselves", "key": "k"})
    assert "Among ourselves" not in client.get(link(item, ann, takes_comments=True)).text


def test_link_that_takes_no_comments_takes_none(item: Item, ann: User, client: Client) -> None:
    answer = client.post(f"{link(item, ann)}{item.output_id}/comment", {"name": "Zoe", "text": "Lovely"})
    assert (answer.status_code, Comment.objects.count()) == (404, 0)


def test_refused_words_of_a_guest_are_kept(item: Item, ann: User, client: Client) -> None:
    url = link(item, ann, takes_comments=True)
    answer = client.post(f"{url}{item.output_id}/comment", {"name": "Zoe", "text": "Lovely", "at": "soon"})
    assert answer.status_code == 422
    assert all(word in answer.text for word in ("Zoe", "Lovely", 'value="soon"'))


def test_guests_of_a_link_say_no_more_than_a_hundred_a_day(
    item: Item, ann: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "MOST_GUEST_COMMENTS", 1)
    url = f"{link(item, ann, takes_comments=True)}{item.output_id}/comment"
    told = [client.post(url, {"name": "Zoe", "text": f"Lovely {n}"}).status_code for n in range(2)]
    assert told == [302, 429]


# ----------------------------------------------------------------- the team's side


def test_manager_makes_a_link_that_is_shown_once(browse: Browse, item: Item, ann: User, client: Client) -> None:
    url = f"/gallery/{item.output_id}/shares/"
    page = browse(ann).post(url, {"name": "Zoe's <agency>", "days": "7", "takes_comments": "on"}).text
    shown = re.search(r'value="(http://testserver/s/[^"]+)"', page)
    assert shown
    assert client.get(shown[1]).status_code == 200
    assert shown[1] not in browse(ann).get(url).text
    assert "Zoe&#x27;s &lt;agency&gt;" in browse(ann).get(url).text


@pytest.mark.parametrize("fields", [{"days": "0"}, {"days": "9999"}, {"days": "7", "password": "short"}])
def test_link_that_cannot_be_is_refused(browse: Browse, item: Item, ann: User, fields: dict[str, str]) -> None:
    assert browse(ann).post(f"/gallery/{item.output_id}/shares/", fields).status_code == 422
    assert not ShareLink.objects.exists()


def test_only_managers_share(browse: Browse, item: Item, ben: User, cat: User, ann: User) -> None:
    url = f"/gallery/{item.output_id}/shares/"
    assert [browse(person).post(url, {"days": "7"}).status_code for person in (ben, cat)] == [403, 404]
    path = link(item, ann)
    share = ShareLink.objects.get()
    assert [browse(person).post(f"/shares/{share.pk}/revoke").status_code for person in (ben, cat)] == [403, 404]
    for _ in range(2):
        assert browse(ann).post(f"/shares/{share.pk}/revoke").status_code == 302
    assert Client().get(path).status_code == 404


def test_collection_is_shared_in_its_order(browse: Browse, item: Item, ann: User, ben: User, client: Client) -> None:
    rushes = collecting.create("For Zoe", ann, timezone.now(), project=item.project)
    collecting.add(rushes, [item], ann, timezone.now())
    url = f"/collections/{rushes.pk}/shares/"
    assert browse(ben).get(url).status_code == 403
    page = browse(ann).post(url, {"days": "7"}).text
    shown = re.search(r'value="(http://testserver/s/[^"]+)"', page)
    assert shown
    text = client.get(shown[1]).text
    assert ("For Zoe" in text, "Clip 1" in text, "harbour" in text) == (True, True, False)
    assert shipped.SECURE_REFERRER_POLICY == "same-origin"  # elsewhere
