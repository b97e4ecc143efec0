"""Filters, sorts and pages of the gallery: by key, forth and back, within sight."""

import datetime as dt
from typing import Any

import pytest

from generations.accounts.models import User
from generations.gallery import finding, finding_words
from generations.gallery.finding import Length, Sort, Wanted
from generations.gallery.models import Item, Review
from generations.gallery.query import read
from generations.media.models import MediaFile
from generations.projects.models import Project
from tests import builders
from tests.gallery.conftest import Make

pytestmark = pytest.mark.django_db


@pytest.fixture
def items(make: Make) -> list[Item]:
    """Five, a minute apart, the oldest first; rated 0, 1, 2, 0, 1 stars."""
    made = [make(prompt=f"Clip {at}", now=builders.NOW + dt.timedelta(minutes=at)) for at in range(5)]
    for at, item in enumerate(made):
        Item.objects.filter(pk=item.pk).update(rating_hundredths=at % 3 * 100)
    return [Item.objects.for_tile().get(pk=item.pk) for item in made]


def numbers(wanted: Wanted, **options: Any) -> list[int]:
    found = finding.ids(wanted, **({"limit": 50} | options))
    return [int(item.job.prompt.split()[1]) for item in finding.rows(wanted, found)]


def test_newest_stand_first_and_a_key_leads_on(items: list[Item], vic: User) -> None:
    wanted = Wanted(user=vic)
    assert numbers(wanted) == [4, 3, 2, 1, 0]
    key = finding.key_of(items[2], Sort.NEW)
    assert numbers(wanted, after=key) == [1, 0]
    assert numbers(wanted, after=key, backwards=True) == [3, 4]


@pytest.mark.parametrize("sort", [Sort.NEW, Sort.RATING, Sort.COST])
def test_pages_hold_each_item_once_in_every_sort(items: list[Item], vic: User, sort: Sort) -> None:
    wanted, seen, after = Wanted(user=vic, sort=sort), [], None
    while page := finding.rows(wanted, finding.ids(wanted, after=after, limit=2)):
        seen += page
        after = finding.read_key(str(finding.key_of(page[-1], sort)), sort)
    assert sorted(item.pk for item in seen) == [item.pk for item in items]
    assert seen == finding.rows(wanted, finding.ids(wanted, limit=50))


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"stars": 2}, [2]),
        ({"review": Review.APPROVED}, [1]),
        ({"review": Review.NONE}, [4, 3, 2, 0]),
        ({"has_sound": True}, [3]),
        ({"kind": MediaFile.Kind.IMAGE}, []),
        ({"length": Length.SHORT}, [4, 3, 2, 1]),
        ({"length": Length.LONG}, [0]),
        ({"is_commented": True}, [4]),
        ({"resolution": "480p", "ratio": "16:9"}, [4, 3, 2, 1, 0]),
        ({"ratio": "1:1"}, []),
        ({"first": builders.NOW.date(), "last": builders.NOW.date()}, [4, 3, 2, 1, 0]),
        ({"last": builders.NOW.date() - dt.timedelta(days=1)}, []),
    ],
)
def test_filters(items: list[Item], vic: User, filters: dict[str, Any], expected: list[int]) -> None:
    changes: dict[int, dict[str, Any]] = {
        0: {"seconds": 12},
        1: {"review": "approved"},
        3: {"has_sound": True},
        4: {"comment_count": 1},
    }
    for at, change in changes.items():
        Item.objects.filter(pk=items[at].pk).update(**change)
    assert numbers(Wanted(user=vic, **filters)) == expected


def test_person_and_model_and_project(items: list[Item], vic: User, ann: User, ben: User, project: Project) -> None:
    assert numbers(Wanted(user=vic, person=ben)) == numbers(Wanted(user=vic, project=project)) == [4, 3, 2, 1, 0]
    assert numbers(Wanted(user=vic, model=items[0].model)) == [4, 3, 2, 1, 0]
    assert numbers(Wanted(user=vic, person=ann)) == []


def test_stranger_finds_nothing_by_any_way(items: list[Item], cat: User, ben: User, project: Project) -> None:
    builders.project("Other", manager=cat)
    assert numbers(Wanted(user=cat)) == numbers(Wanted(user=cat, person=ben)) == []
    assert numbers(Wanted(user=cat, project=project)) == []
    assert finding.rows(Wanted(user=cat), [items[0].pk]) == []
    assert finding_words.ids(Wanted(user=cat, query=read("clip")), limit=50) == []


def test_projects_are_merged_in_order(items: list[Item], ben: User, cat: User) -> None:
    other = builders.project("Other", manager=cat, member=ben)
    builders.item(other, cat, prompt="Clip 9", now=builders.NOW + dt.timedelta(seconds=150))
    assert numbers(Wanted(user=ben)) == [4, 3, 9, 2, 1, 0]
    assert numbers(Wanted(user=ben), after=finding.key_of(items[3], Sort.NEW), limit=2) == [9, 2]


def test_words_go_with_filters_and_sorts(items: list[Item], vic: User) -> None:
    Item.objects.filter(pk=items[1].pk).update(title="Four", review="approved")
    by_match = Wanted(user=vic, query=read("clip"), sort=Sort.MATCH)
    assert finding_words.ids(by_match, limit=50) == [items[at].pk for at in (4, 3, 2, 1, 0)]
    rated = Wanted(user=vic, query=read("clip"), sort=Sort.RATING)
    assert finding_words.ids(rated, limit=50)[0] == items[2].pk
    approved = Wanted(user=vic, query=read("clip"), review=Review.APPROVED, sort=Sort.NEW)
    assert finding_words.ids(approved, limit=50) == [items[1].pk]
    older = Wanted(user=vic, query=read("clip"))
    assert finding_words.ids(older, below=items[2].pk, limit=50) == [items[1].pk, items[0].pk]


@pytest.mark.parametrize("text", ["", "x", "_", "1_2", "2026-01-01T00:00:00_5", "²_1", f"{10**30}_1", "\x00_1"])
def test_odd_keys_are_none(text: str) -> None:
    assert finding.read_key(text, Sort.NEW) is None
