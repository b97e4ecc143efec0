"""Links for people outside: what opens them, what kills them, what they show, and how often one may guess."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from generations.accounts.models import AuditEvent, User
from generations.gallery import collecting, sharing
from generations.gallery.models import Item, Shelf
from generations.gallery.shares import ShareLink
from generations.gallery.sharing import Wishes
from generations.projects.models import Membership, Project, Role
from tests.builders import NOW
from tests.gallery.conftest import Make

pytestmark = pytest.mark.django_db
LATER = NOW + dt.timedelta(days=3)


@pytest.fixture
def item(make: Make) -> Item:
    return make()


def shared(item: Item, ann: User, **wishes: object) -> tuple[ShareLink, str]:
    return sharing.make(item, Wishes(**wishes), ann, NOW)  # type: ignore[arg-type]


def test_token_is_long_and_kept_as_a_hash_only(item: Item, ann: User) -> None:
    share, token = shared(item, ann)
    assert len(token) == 32  # 192 bits
    assert share.token_hash == sharing.hash_token(token)
    assert sharing.find(token, LATER) == share
    assert AuditEvent.objects.filter(action="share.made", actor=ann).exists()


def test_link_opens_for_thirty_days(item: Item, ann: User) -> None:
    share, token = shared(item, ann)
    last = NOW + dt.timedelta(days=30)
    assert share.expires_at == last
    assert [sharing.find(token, at) for at in (last - dt.timedelta(seconds=1), last)] == [share, None]


def test_revoked_link_opens_nothing(item: Item, ann: User) -> None:
    share, token = shared(item, ann)
    for _ in range(2):
        sharing.revoke(share, ann, NOW)
    assert sharing.find(token, NOW) is None
    assert AuditEvent.objects.filter(action="share.revoked").count() == 1


def binned(item: Item) -> None:
    Item.objects.filter(pk=item.pk).update(shelf=Shelf.BIN)


def archived(item: Item) -> None:
    Project.objects.filter(pk=item.project_id).update(archived_at=NOW)


def maker_is_no_manager_any_more(item: Item) -> None:
    Membership.objects.filter(project=item.project_id, role=Role.MANAGER).update(role=Role.MEMBER)


def maker_is_switched_off(item: Item) -> None:
    User.objects.filter(email="ann@example.com").update(is_active=False)


DEATHS = [binned, archived, maker_is_no_manager_any_more, maker_is_switched_off]


@pytest.mark.parametrize("death", DEATHS)
def test_link_dies_with_what_it_rests_on(item: Item, ann: User, death: Callable[[Item], None]) -> None:
    _, token = shared(item, ann)
    death(item)
    assert sharing.find(token, NOW) is None


def test_collection_shows_what_its_maker_manages(make: Make, ann: User, ben: User) -> None:
    items = [make(), make()]
    rushes = collecting.create("Rushes", ann, NOW)
    collecting.add(rushes, items, ann, NOW)
    share, token = sharing.make(rushes, Wishes(), ann, NOW)
    binned(items[0])
    assert list(sharing.items_of(share)) == [items[1]]
    assert list(sharing.items_of(sharing.make(rushes, Wishes(), ben, NOW)[0])) == []
    collecting.delete(rushes, NOW)
    assert sharing.find(token, NOW) is None


def test_password_is_hashed_and_opens_until_it_is_old(item: Item, ann: User) -> None:
    share, _ = shared(item, ann, password="dusk at eight")
    assert ("dusk" in share.password, share.password.count("$") >= 2) == (False, True)
    assert (sharing.fits(share, "dusk at eight"), sharing.fits(share, "dusk at nine")) == (True, False)
    key = sharing.key_for(share)
    other, _ = shared(item, ann, password="dusk at eight")
    told = [sharing.is_unlocked(share, key), sharing.is_unlocked(share, key + "x"), sharing.is_unlocked(other, key)]
    assert told == [True, False, False]


def test_ten_tries_in_ten_minutes(item: Item, ann: User) -> None:
    share, _ = shared(item, ann, password="dusk at eight")
    assert [sharing.may_try(share, NOW) for _ in range(12)] == [True] * 10 + [False] * 2
    assert sharing.may_try(share, NOW + sharing.TRIES_WITHIN)


def test_views_are_counted(item: Item, ann: User) -> None:
    share, _ = shared(item, ann)
    sharing.count_view(share, NOW)
    sharing.count_view(share, LATER)
    share.refresh_from_db()
    assert (share.views, share.viewed_at) == (2, LATER)
