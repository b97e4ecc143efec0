"""Items archived, deleted, restored, retired and given up; bytes go only when nothing needs them; money never moves."""

import datetime as dt
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from pytest_django import Settings

from generations.accounts.models import User
from generations.gallery import clearing
from generations.gallery.collections import Collection, CollectionEntry
from generations.gallery.models import Item, Shelf
from generations.jobs.models import JobEvent, Output
from generations.ledger.models import Entry
from generations.media import forgetting
from generations.media.models import Asset, Discarded, MediaFile
from generations.projects.models import Project
from tests import builders
from tests.builders import NOW
from tests.gallery.conftest import Make

pytestmark = pytest.mark.django_db
LATER = NOW + dt.timedelta(days=31)


@pytest.fixture(autouse=True)
def data(tmp_path: Path, settings: Settings) -> None:
    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"


def old_clip() -> MediaFile:
    """Kept long ago, with its bytes on the disk."""
    media = builders.clip(kept_at=NOW - dt.timedelta(days=60))
    for name in forgetting.names_of(media):
        default_storage.save(name, ContentFile(b"bytes"))
    return media


def lie(media: MediaFile) -> list[bool]:
    return [default_storage.exists(name) for name in forgetting.names_of(media)]


def test_each_way_moves_once(make: Make, ben: User) -> None:
    item = make()
    for to in (Shelf.ARCHIVED, Shelf.BIN, Shelf.SHOWN):
        assert [clearing.move(item, to, ben, NOW), clearing.move(item, to, ben, NOW)] == [True, False]
        item.refresh_from_db()
        assert (item.shelf, item.shelved_by, item.shelved_at) == (to, ben, NOW)


def test_bin_is_emptied_after_thirty_days_and_the_disk_is_free(make: Make, ben: User) -> None:
    media = old_clip()
    item = make(media=media)
    entries, events = Entry.objects.count(), JobEvent.objects.count()
    clearing.move(item, Shelf.BIN, ben, NOW)
    assert clearing.purge(NOW + dt.timedelta(days=29)) == 0
    assert all(lie(media))
    assert clearing.purge(LATER) == 1
    assert not any(lie(media))
    output = Output.objects.get(pk=item.output_id)
    assert (output.media, output.archive_reason) == (None, Output.Reason.DELETED)
    assert (MediaFile.objects.count(), Discarded.objects.count()) == (0, 0)
    assert (Entry.objects.count(), JobEvent.objects.count()) == (entries, events)
    assert not Item.objects.visible_to(ben).exists()
    assert clearing.move(item, Shelf.SHOWN, ben, LATER) is False


def test_bytes_stay_while_another_output_or_an_asset_needs_them(make: Make, ben: User, priced_project: Project) -> None:
    media = old_clip()
    first, second = make(media=media), make(media=media)
    asset = Asset.objects.create(
        project=priced_project, uploader=ben, media=media, name="A", state="ready", created_at=NOW
    )
    clearing.move(first, Shelf.BIN, ben, NOW)
    assert (clearing.purge(LATER), all(lie(media))) == (1, True)
    clearing.move(second, Shelf.BIN, ben, NOW)
    assert (clearing.purge(LATER), all(lie(media))) == (1, True)
    Asset.objects.filter(pk=asset.pk).update(deleted_at=NOW)
    assert (clearing.purge(LATER), any(lie(media))) == (0, False)


def test_collected_item_stays_in_the_bin(make: Make, ben: User) -> None:
    item = make(media=old_clip())
    collection = Collection.objects.create(name="Reel", owner=ben, created_at=NOW)
    CollectionEntry.objects.create(collection=collection, item=item, position=1, added_by=ben, added_at=NOW)
    clearing.move(item, Shelf.BIN, ben, NOW)
    assert clearing.purge(LATER) == 0


def test_policy_retires_what_is_old_but_not_what_was_approved_or_put_back(make: Make, ben: User) -> None:
    old, approved, restored, young = (make(now=NOW - dt.timedelta(days=days)) for days in (40, 40, 40, 10))
    Item.objects.filter(pk=approved.pk).update(review="approved")
    assert clearing.retire(NOW) == 0
    Project.objects.update(keep_days=30)
    assert clearing.retire(NOW) == 2
    assert {item.pk for item in Item.objects.filter(shelf=Shelf.BIN)} == {old.pk, restored.pk}
    clearing.move(restored, Shelf.SHOWN, ben, NOW)
    assert (clearing.retire(NOW), young.shelf) == (0, Shelf.SHOWN)


def test_bytes_that_came_in_lately_stay_for_a_day(make: Make) -> None:
    media = builders.clip(kept_at=NOW)
    assert forgetting.forget(media.pk, NOW + dt.timedelta(hours=1)) is False
    assert MediaFile.objects.filter(pk=media.pk).exists()
    clearing.purge(NOW + dt.timedelta(days=2))
    assert not MediaFile.objects.filter(pk=media.pk).exists()


def test_kill_between_row_and_files_is_made_good(db: None) -> None:
    media = old_clip()
    assert forgetting.forget(media.pk, NOW)
    assert all(lie(media))  # killed here
    assert [forgetting.sweep(), any(lie(media)), forgetting.sweep()] == [1, False, 0]


def test_files_stay_when_the_same_bytes_were_kept_again_before_the_sweep(db: None) -> None:
    media = old_clip()
    forgetting.forget(media.pk, NOW)
    again = builders.clip(media.sha256)
    assert (forgetting.sweep(), all(lie(again)), Discarded.objects.count()) == (0, True, 0)
