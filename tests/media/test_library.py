"""A project's library: added once, within its quotas, renamed, deleted unless it is needed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from generations.accounts.models import User
from generations.media import library, quotas, uses
from generations.media.models import Asset, MediaFile
from generations.media.rules import Refused, Rule
from generations.projects.membership import set_archived
from generations.projects.models import Project
from tests import builders
from tests.builders import NOW
from tests.media import samples

LATER = NOW + dt.timedelta(hours=1)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return samples.photo(tmp_path / "photo")


def add(path: Path, project: Project, user: User, name: str = "dusk.png", now: dt.datetime = NOW) -> Asset:
    return library.add(path, project=project, user=user, name=name, now=now)


def test_asset_is_the_projects_and_the_uploaders(photo: Path, project: Project, ben: User) -> None:
    asset = add(photo, project, ben)
    assert (asset.project, asset.uploader, asset.name, asset.state) == (project, ben, "dusk.png", "ready")
    assert asset.media
    assert asset.media.kind == "image"


def test_same_file_is_the_same_asset_under_its_first_name(photo: Path, project: Project, ann: User, ben: User) -> None:
    first, second = add(photo, project, ben), add(photo, project, ann, "other.png", LATER)
    assert (first, second.name) == (second, "dusk.png")


def test_two_projects_share_the_bytes_only(photo: Path, project: Project, ben: User, cat: User) -> None:
    other = builders.project("Other", manager=cat)
    one, two = add(photo, project, ben), add(photo, other, cat)
    assert one != two
    assert (one.media, MediaFile.objects.count()) == (two.media, 1)
    assert list(Asset.objects.visible_to(ben)) == [one]


@pytest.mark.parametrize("owner", ["MEDIA_PROJECT_MB", "MEDIA_PERSON_MB"])
def test_quota_refuses_what_would_pass_it(
    tmp_path: Path, project: Project, ben: User, settings: Settings, owner: str
) -> None:
    setattr(settings, owner, 1)
    first = add(samples.wav(tmp_path / "first", 15), project, ben)
    assert first.media
    assert quotas.person_bytes(ben) == quotas.project_bytes(project) == first.media.size_bytes
    second = samples.wav(tmp_path / "second", 14)
    add(second, project, ben)
    with pytest.raises(Refused) as caught:
        add(samples.wav(tmp_path / "third", 13), project, ben)
    assert caught.value.rule == Rule.QUOTA
    library.delete(first, ben, NOW)
    add(samples.wav(tmp_path / "third", 13), project, ben)


def test_archived_project_takes_nothing(photo: Path, project: Project, ben: User) -> None:
    set_archived(project, True, NOW)
    with pytest.raises(Refused) as caught:
        add(photo, project, ben)
    assert caught.value.rule == Rule.ARCHIVED


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("C:\\holiday\\dusk.png", "dusk.png"),
        ("../../etc/passwd", "passwd"),
        ("dusk\x00\n\u202e.png", "dusk .png"),
        ("  ", "file"),
        ("ü" * 300, "ü" * 120),
    ],
)
def test_name_is_one_line_without_folders(photo: Path, project: Project, ben: User, given: str, name: str) -> None:
    assert add(photo, project, ben, given).name == name


def test_rename_keeps_the_old_name_for_an_empty_one(photo: Path, project: Project, ben: User) -> None:
    asset = add(photo, project, ben)
    library.rename(asset, "dawn.png")
    library.rename(asset, "   ")
    assert Asset.objects.get().name == "dawn.png"


def test_named_finds_every_word_in_any_order(photo: Path, project: Project, ben: User) -> None:
    asset = add(photo, project, ben, "Dusk over the harbour.png")
    assert list(Asset.objects.named("harbour dusk")) == [asset]
    assert list(Asset.objects.named("harbour dawn")) == []


def test_deleted_asset_is_gone_and_may_come_again(photo: Path, project: Project, ben: User) -> None:
    asset = add(photo, project, ben)
    for _ in range(2):
        library.delete(asset, ben, LATER)
    asset.refresh_from_db()
    assert (asset.deleted_at, asset.deleted_by) == (LATER, ben)
    assert not Asset.objects.visible_to(ben).exists()
    assert add(photo, project, ben) != asset


@pytest.fixture
def needed() -> Iterator[dict[int, uses.Use]]:
    """Media ids -> uses, as a room above would count them."""
    counted: dict[int, uses.Use] = {}
    uses.register(lambda media_ids: {key: counted[key] for key in media_ids if key in counted})
    yield counted
    counted.clear()


def test_asset_is_kept_while_a_job_needs_it(
    photo: Path, project: Project, ben: User, needed: dict[int, uses.Use]
) -> None:
    asset = add(photo, project, ben)
    assert asset.media_id
    assert uses.uses_of([asset.media_id]) == {asset.media_id: uses.Use(0, 0)}
    needed[asset.media_id] = uses.Use(jobs=3, unfinished=1)
    with pytest.raises(library.InUse):
        library.delete(asset, ben, LATER)
    assert Asset.objects.present().get() == asset
    needed[asset.media_id] = uses.Use(jobs=3, unfinished=0)
    library.delete(asset, ben, LATER)
    assert not Asset.objects.present().exists()
