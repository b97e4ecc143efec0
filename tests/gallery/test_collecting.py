"""Collections: an order that holds, sight that gathering does not widen, and the files that one takes away."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from pytest_django import Settings

from generations.accounts.models import User
from generations.gallery import collecting, talking
from generations.gallery.bundles import Bundle
from generations.gallery.collecting import Sharing, TooMany
from generations.gallery.collections import Collection
from generations.gallery.models import Item, Shelf
from generations.gallery.talking import Span
from generations.projects.models import Project
from tests import builders
from tests.builders import NOW
from tests.gallery.conftest import Make

pytestmark = pytest.mark.django_db


@pytest.fixture
def rushes(ben: User, priced_project: Project) -> Collection:
    return collecting.create("Rushes", ben, NOW, project=priced_project)


def titles(collection: Collection, user: User) -> list[str]:
    return [item.title for item in collecting.items_of(collection, user)]


def filled(rushes: Collection, make: Make, ben: User, *names: str) -> list[Item]:
    items = [make(title=name) for name in names]
    collecting.add(rushes, items, ben, NOW)
    return items


def test_items_keep_the_order_that_they_were_gathered_in(rushes: Collection, make: Make, ben: User) -> None:
    items = filled(rushes, make, ben, "a", "b", "c")
    assert collecting.add(rushes, [items[0], make(title="d")], ben, NOW) == 1
    assert titles(rushes, ben) == ["a", "b", "c", "d"]


MOVES = [("c", "up", "acb"), ("a", "up", "abc"), ("a", "down", "bac"), ("c", "down", "abc"), ("c", "first", "cab"),
         ("a", "last", "bca")]  # fmt: skip


@pytest.mark.parametrize(("which", "step", "becomes"), MOVES)
def test_item_moves(rushes: Collection, make: Make, ben: User, which: str, step: str, becomes: str) -> None:
    items = {item.title: item for item in filled(rushes, make, ben, "a", "b", "c")}
    collecting.move(rushes, items[which], step)
    assert "".join(titles(rushes, ben)) == becomes


def test_what_is_taken_out_is_no_cover_any_more(rushes: Collection, make: Make, ben: User) -> None:
    (item,) = filled(rushes, make, ben, "a")
    collecting.set_cover(rushes, item)
    collecting.remove(rushes, item)
    rushes.refresh_from_db()
    assert (titles(rushes, ben), rushes.cover) == ([], None)


def test_gathering_gives_nobody_sight(rushes: Collection, make: Make, ben: User, cat: User, vic: User) -> None:
    items = filled(rushes, make, ben, "a", "b")
    Item.objects.filter(pk=items[0].pk).update(shelf=Shelf.BIN)
    collecting.change(rushes, "Rushes", Sharing.STUDIO, None)
    assert (titles(rushes, vic), titles(rushes, cat)) == (["b"], [])
    assert Collection.objects.visible_to(cat).get() == rushes


def test_own_and_deleted_collections_are_seen_by_nobody_else(ben: User, ann: User, ada: User) -> None:
    own = collecting.create("Mine", ben, NOW)
    assert [Collection.objects.visible_to(person).count() for person in (ben, ann, ada)] == [1, 0, 0]
    collecting.delete(own, NOW)
    assert not Collection.objects.visible_to(ben).exists()


def test_members_of_its_project_edit_it(rushes: Collection, ann: User, ben: User, vic: User, cat: User) -> None:
    assert [collecting.may_edit(rushes, person) for person in (ann, ben, vic, cat)] == [True, True, False, False]


def test_too_many_are_not_added(rushes: Collection, make: Make, ben: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "MOST_ITEMS", 1)
    with pytest.raises(TooMany):
        filled(rushes, make, ben, "a", "b")
    assert titles(rushes, ben) == []


# ----------------------------------------------------------------- files


@pytest.fixture
def bundle(make: Make, tmp_path: Path, settings: Settings, ann: User) -> Bundle:
    settings.MEDIA_ROOT = tmp_path / "media"
    names = [default_storage.save(f"media/{word}.mp4", ContentFile(word.encode())) for word in ("one", "two")]
    clips = [builders.clip(storage_name=name, size_bytes=3) for name in names]
    items = [make(media=clip, prompt=f"A {clip.storage_name} <walk>") for clip in clips]
    thread = talking.say(items[0], ann, "Slower", key="1", now=NOW, span=Span(1000))
    talking.say(items[0], ann, "Yes", key="2", now=NOW, root=thread)
    return Bundle("Dusk / rushes", items, lambda item: item == items[0])


def test_zip_has_the_very_bytes_and_says_its_length(bundle: Bundle) -> None:
    stream = bundle.stream()
    length = len(stream)
    sent = b"".join(stream)
    assert len(sent) == length
    with zipfile.ZipFile(io.BytesIO(sent)) as packed:
        assert packed.testzip() is None
        assert {info.compress_type for info in packed.infolist()} == {zipfile.ZIP_STORED}
        folder = [name for name in packed.namelist() if name.endswith(".mp4")]
        assert [packed.read(name) for name in folder] == [b"one", b"two"]
        assert all(name.startswith("dusk-rushes/0") for name in folder)
        assert {"dusk-rushes/dusk-rushes.edl", "dusk-rushes/dusk-rushes.fcpxml"} < set(packed.namelist())


def test_manifest_tells_what_each_file_is(bundle: Bundle) -> None:
    with zipfile.ZipFile(io.BytesIO(b"".join(bundle.stream()))) as packed:
        told = json.loads(packed.read("dusk-rushes/manifest.json"))
    first, second = told["items"]
    item = bundle.items[0]
    assert (first["sha256"], first["prompt"], first["seed"]) == (item.media.sha256, item.job.prompt, 7)
    assert first["comments"][0] | {"answers": []} == {
        "at": "0:01", "until": None, "who": "Ann", "text": "Slower", "resolved": False, "answers": [],
    }  # fmt: skip
    assert ("cost_micros" in first, "cost_micros" in second) == (True, False)


def test_lists_have_the_comments_as_markers(bundle: Bundle) -> None:
    assert "* LOC: 01:00:01:00 RED     Ann: Slower" in bundle.edl()
    assert 'value="Ann: Slower"' in bundle.fcpxml()
