"""Uploaded films and sounds lose who made them, where and when; their pictures and sound stay as they were."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import imageio_ffmpeg
import pytest
from django.core.files.storage import default_storage

from generations.media.models import MediaFile
from generations.media.uploads import keep_upload
from tests.media.clips import H264, SOUND, render

pytestmark = pytest.mark.django_db(transaction=True)
TOLD = ("-metadata", "title=SecretTitle", "-metadata", "artist=SecretArtist", "-metadata", "comment=SecretPlace")
WHERE = ("-metadata", "location=+48.1371+011.5754/", "-movflags", "+use_metadata_tags")
TONE = ("-f", "lavfi", "-i", "sine=d=2")


def kept_bytes(media: MediaFile) -> bytes:
    with default_storage.open(media.storage_name) as file:
        return bytes(file.read())


def heard_and_seen(path: Path) -> str:
    """A hash of every decoded picture and sample."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-i", str(path), "-f", "hash", "-"]
    return hashlib.sha256(subprocess.run(command, check=True, capture_output=True, timeout=60).stdout).hexdigest()


@pytest.mark.parametrize("ending", ["mp4", "mov"])
def test_film_is_kept_bare_and_frame_for_frame(tmp_path: Path, ending: str) -> None:
    film = render(tmp_path / f"film.{ending}", *SOUND, *H264, *TOLD, *WHERE, size="320x320")
    assert b"Secret" in film.read_bytes()
    media = keep_upload(film)
    content = kept_bytes(media)
    assert [word for word in (b"Secret", b"+48.1371", b"Lavf") if word in content] == []
    bare = tmp_path / "bare.mp4"
    bare.write_bytes(content)
    assert heard_and_seen(bare) == heard_and_seen(film)
    assert (media.width_px, media.audio_codec, media.video_codec) == (320, "aac", "h264")


@pytest.mark.parametrize("ending", ["mp3", "wav"])
def test_sound_is_kept_bare_and_sample_for_sample(tmp_path: Path, ending: str) -> None:
    sound = tmp_path / f"sound.{ending}"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", *TONE, *TOLD, str(sound)]
    subprocess.run(command, check=True, timeout=60)
    assert b"SecretArtist" in sound.read_bytes()
    media = keep_upload(sound)
    bare = tmp_path / f"bare.{ending}"
    bare.write_bytes(kept_bytes(media))
    assert b"Secret" not in bare.read_bytes()
    assert heard_and_seen(bare) == heard_and_seen(sound)


def test_same_film_is_kept_once(tmp_path: Path) -> None:
    film = render(tmp_path / "film.mp4", *SOUND, *H264, *TOLD, size="320x320")
    assert keep_upload(film) == keep_upload(film)
