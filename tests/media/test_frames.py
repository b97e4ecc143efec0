"""The exact frame of a clip, as a paused player shows it."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from PIL import Image

from generations.media import archive
from generations.media.frames import NoSuchFrame, frame_at
from generations.media.models import MediaFile
from generations.media.rules import Refused
from generations.media.uploads import keep_upload
from tests.media import samples
from tests.media.clips import FASTSTART, H264, render

pytestmark = pytest.mark.django_db

# The brightness of a frame tells its number: 8 more each.
NUMBERED = "color=black:s={size}:r=24:d={seconds},format=yuv420p,geq=lum='16+8*mod(N,24)':cb=128:cr=128"


@pytest.fixture(scope="module")
def numbered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """24 frames a second, key frames only at the first, with frames that refer forwards."""
    path = tmp_path_factory.mktemp("frames") / "numbered.mp4"
    return render(
        path, *H264, "-preset", "medium", "-crf", "10", "-g", "240", *FASTSTART, size="320x320", picture=NUMBERED
    )


def number_of(media: MediaFile) -> int:
    with default_storage.open(media.storage_name) as file, Image.open(file) as image:
        level = image.convert("L").getpixel((160, 160))
    assert isinstance(level, int)
    return round((level * 219 / 255) / 8)


@pytest.mark.parametrize("number", [0, 1, 2, 7, 12, 13, 22, 23])
@pytest.mark.parametrize("share", [0.0, 0.5, 0.98])
def test_frame_is_the_one_that_is_shown(numbered: Path, number: int, share: float) -> None:
    clip = archive.keep(numbered, motion=False)
    assert number_of(frame_at(clip, (number + share) / 24)) == number


def test_time_rounded_by_a_player_is_still_that_frame(numbered: Path) -> None:
    clip = archive.keep(numbered, motion=False)
    assert number_of(frame_at(clip, math.floor(7 / 24 * 1000) / 1000 + 0.0003)) == 7


def test_end_of_the_clip_is_its_last_frame(numbered: Path) -> None:
    clip = archive.keep(numbered, motion=False)
    last = frame_at(clip, 2.0)
    assert number_of(last) == 23
    assert (last.kind, last.content_type, last.width_px, last.height_px) == ("image", "image/png", 320, 320)


def test_frame_is_kept_once_and_nothing_is_left(numbered: Path, data: Path) -> None:
    clip = archive.keep(numbered, motion=False)
    assert frame_at(clip, 0.5) == frame_at(clip, 0.501)
    assert list((data / "tmp").iterdir()) == []


def test_turned_clip_gives_an_upright_frame(tmp_path: Path) -> None:
    lying = render(tmp_path / "lying.mp4", *H264, size="640x320", seconds=2)
    turned = render(tmp_path / "turned.mp4", "-display_rotation", "90", "-i", str(lying), "-map", "1:v", "-c", "copy")
    clip = archive.keep(turned, motion=False)
    frame = frame_at(clip, 1)
    assert (frame.width_px, frame.height_px) == (clip.width_px, clip.height_px) == (320, 640)


@pytest.mark.parametrize("seconds", [-0.1, 99, math.nan, math.inf])
def test_time_outside_is_refused(numbered: Path, seconds: float) -> None:
    clip = archive.keep(numbered, motion=False)
    with pytest.raises(NoSuchFrame):
        frame_at(clip, seconds)


def test_image_has_no_frames(tmp_path: Path) -> None:
    with pytest.raises(NoSuchFrame):
        frame_at(keep_upload(samples.photo(tmp_path / "photo")), 0)


def test_frame_too_small_for_a_reference_is_refused(clip: Path) -> None:
    with pytest.raises(Refused, match="this one is 320 × 180 px"):
        frame_at(archive.keep(clip, motion=False), 1)
