"""The archive read again: what is missing and what was altered is found and told; else all is said to be well."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from generations.health.models import Check
from generations.media.models import MediaFile


@pytest.fixture
def kept(db: None, tmp_path: Path, settings: Settings) -> Path:
    """Where the one file of the archive lies."""
    settings.MEDIA_ROOT = tmp_path
    path = tmp_path / "media/ab/clip.mp4"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"the bytes of a clip")
    MediaFile.objects.create(
        sha256="9f3bd2b1e59e43b1f9a6b6b0e6b1a2a5" * 2,
        size_bytes=19,
        kind="video",
        content_type="video/mp4",
        storage_name="media/ab/clip.mp4",
    )
    import hashlib

    MediaFile.objects.update(sha256=hashlib.sha256(path.read_bytes()).hexdigest())
    return path


def verified(capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(CommandError):
        call_command("verify_archive")
    return capsys.readouterr().out.strip()


def test_whole_archive_is_well(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("verify_archive")
    assert capsys.readouterr().out == "1 files, 19 bytes: all as they were kept.\n"
    assert Check.objects.get(pk="archive").broken_since is None


def test_missing_file_is_found(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept.unlink()
    assert verified(capsys) == "media/ab/clip.mp4: missing"


def test_altered_byte_is_found(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept.write_bytes(b"the bytes of a clap")
    assert verified(capsys) == "media/ab/clip.mp4: altered: other bytes than were kept"


def test_cut_file_is_found(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept.write_bytes(b"the bytes")
    assert verified(capsys) == "media/ab/clip.mp4: altered: 9 bytes instead of 19"


def test_missing_poster_is_told_as_what_it_is(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    MediaFile.objects.update(poster_name="media/ab/clip-poster.webp")
    assert verified(capsys) == "media/ab/clip-poster.webp: missing; it can be made again from the clip"
    assert Check.objects.get(pk="archive").broken_since is not None
