"""Bytes given up while they come in again: whoever is first, the row never stands without its file."""

import datetime as dt
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from generations.media import archive, forgetting, plain, store
from generations.media.models import Discarded, MediaFile
from generations.media.probe import probe

pytestmark = pytest.mark.django_db(transaction=True)


def aged(media: MediaFile) -> MediaFile:
    MediaFile.objects.update(kept_at=timezone.now() - dt.timedelta(days=2))
    return media


def test_kept_again_after_the_row_went_takes_the_file_over(clip: Path) -> None:
    media = aged(archive.keep(clip, motion=False))
    assert forgetting.forget(media.pk, timezone.now())
    again = archive.keep(clip, motion=False)
    assert (forgetting.sweep(), Discarded.objects.count()) == (0, 0)
    assert default_storage.exists(again.storage_name)


def test_file_that_goes_while_it_is_kept_is_put_back(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    media = aged(archive.keep(clip, motion=False))
    forgetting.forget(media.pk, timezone.now())
    put, swept = store.put, []

    def put_and_lose(name: str, path: Path) -> None:
        put(name, path)
        swept.append(forgetting.sweep())

    monkeypatch.setattr(store, "put", put_and_lose)
    again = archive.keep(clip, motion=False)
    assert swept[0] == 1
    assert default_storage.exists(again.storage_name)


def test_row_that_goes_while_it_is_kept_is_made_anew(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    media = aged(archive.keep(clip, motion=False))
    put = store.put
    forgotten: list[bool] = []

    def put_and_forget(name: str, path: Path) -> None:
        put(name, path)
        if not forgotten:
            forgotten.append(forgetting.forget(media.pk, timezone.now()))

    monkeypatch.setattr(store, "put", put_and_forget)
    again = archive.keep(clip, motion=False)
    assert forgotten == [True]
    assert (again.pk != media.pk, default_storage.exists(again.storage_name)) == (True, True)


def test_file_that_can_not_be_removed_stays_for_the_next_sweep(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pulse sweeps: what one file says must not end it."""

    def refuses(name: str) -> None:
        raise PermissionError(name)

    forgetting.forget(aged(archive.keep(clip, motion=False)).pk, timezone.now())
    with monkeypatch.context() as changed:
        changed.setattr(default_storage, "delete", refuses)
        assert (forgetting.sweep(), Discarded.objects.count()) == (0, 1)
    assert (forgetting.sweep(), Discarded.objects.count()) == (1, 0)


def test_copy_without_metadata_has_the_same_frames_and_is_made_once(tmp_path: Path, clip: Path) -> None:
    media = archive.keep(clip, motion=False)
    name = plain.copy_of(media)
    with default_storage.open(name) as file:
        content = file.read()
    (tmp_path / "plain.mp4").write_bytes(content)
    facts = probe(tmp_path / "plain.mp4")
    assert (facts.duration_ms, facts.video_codec, facts.audio_codec) == (media.duration_ms, "h264", media.audio_codec)
    assert b"Lavf" not in content
    stamp = default_storage.get_modified_time(name)
    assert (plain.copy_of(media), default_storage.get_modified_time(name)) == (name, stamp)
