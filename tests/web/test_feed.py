"""The feed: what was made, said and decided in one's own projects, and nothing of others."""

from __future__ import annotations

import datetime as dt

import pytest

from generations.accounts.models import User
from generations.gallery import reviewing, talking
from generations.gallery.feed import happenings
from generations.gallery.models import Review
from generations.projects.models import Project
from tests import builders
from tests.builders import NOW
from tests.web.conftest import Browse

pytestmark = pytest.mark.django_db
SOON = NOW + dt.timedelta(hours=3)


def told(user: User, before: dt.datetime = SOON) -> list[tuple[str, str, int]]:
    return [(one.kind, one.who, len(one.items)) for one in happenings(user, before, 50)]


def test_clips_made_in_a_row_stand_together(priced_project: Project, ann: User, ben: User, vic: User) -> None:
    for at, user in enumerate([ben, ben, ann, ben]):
        builders.item(priced_project, user, now=NOW + dt.timedelta(minutes=at))
    assert told(vic) == [("made", "Ben", 1), ("made", "Ann", 1), ("made", "Ben", 2)]
    assert told(vic, NOW + dt.timedelta(minutes=2)) == [("made", "Ben", 2)]


def test_words_and_decisions_are_told_to_the_project_only(
    priced_project: Project, browse: Browse, ann: User, ben: User, vic: User, cat: User
) -> None:
    item = builders.item(priced_project, ben, prompt="A heron <b>")
    talking.say(item, vic, "Too <i>dark", key="k", now=NOW + dt.timedelta(minutes=1))
    reviewing.move(item, Review.REJECTED, ann, NOW + dt.timedelta(minutes=2), "Again")
    assert told(vic) == [("review", "Ann", 1), ("said", "Vic", 1), ("made", "Ben", 1)]
    page = browse(vic).get("/feed/").text
    assert "Too &lt;i&gt;dark" in page
    assert "<i>dark" not in page
    Project.objects.update(gallery_open=True)
    assert told(cat) == []
    assert "Nothing has happened" in browse(cat).get("/feed/").text


@pytest.mark.parametrize("before", ["x", "2026-01-01", "%00", "9999-99-99"])
def test_odd_moments_are_now(project: Project, browse: Browse, vic: User, before: str) -> None:
    assert browse(vic).get(f"/feed/?before={before}").status_code == 200
