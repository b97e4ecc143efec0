"""The guards around ffmpeg, and the pictures made with it."""

import dataclasses
from pathlib import Path

import av
import pytest
from PIL import Image, ImageStat

from generations.media import ffmpeg, pictures
from generations.media.child import Limits
from generations.media.errors import ToolFailed, TooSlow
from generations.media.probe import probe
from tests.media.clips import H264, render, write
from tests.media.test_child import LIMITS
from tests.media.test_probe import DASH, NOT_A_FILM, PLAYLIST

STILL = ffmpeg.Target(Path("/nowhere/still.webp"), pictures.POSTER)


def target(tmp_path: Path) -> ffmpeg.Target:
    return ffmpeg.Target(tmp_path / "still.webp", pictures.POSTER)


@pytest.mark.parametrize("content", [PLAYLIST, DASH, *NOT_A_FILM.values()])
def test_run_opens_nothing_but_films(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ToolFailed):
        ffmpeg.run(write(tmp_path / "result.mp4", content), target(tmp_path), limits=LIMITS)


def test_run_follows_no_list_to_a_real_film(tmp_path: Path, clip: Path) -> None:
    write(tmp_path / "clip.mp4", clip.read_bytes())
    playlist = write(tmp_path / "result.mp4", b"ffconcat version 1.0\nfile clip.mp4\n")
    with pytest.raises(ToolFailed):
        ffmpeg.run(playlist, target(tmp_path), limits=LIMITS)


@pytest.mark.parametrize("codec", ["mpeg4", "mjpeg"])
def test_run_decodes_no_other_codec(tmp_path: Path, codec: str) -> None:
    made = render(tmp_path / "clip.mp4", "-c:v", codec, "-pix_fmt", "yuvj420p" if codec == "mjpeg" else "yuv420p")
    with pytest.raises(ToolFailed):
        ffmpeg.run(made, target(tmp_path), limits=LIMITS)


def test_run_takes_absolute_paths_only(tmp_path: Path, clip: Path) -> None:
    with pytest.raises(ValueError, match="absolute"):
        ffmpeg.run(Path("https://example.com/clip.mp4"), target(tmp_path), limits=LIMITS)


def test_run_says_what_ffmpeg_said(clip: Path) -> None:
    with pytest.raises(ToolFailed, match="ended with"):
        ffmpeg.run(clip, STILL, limits=LIMITS)


def test_run_wants_a_target_that_is_not_empty(tmp_path: Path, clip: Path) -> None:
    with pytest.raises(ToolFailed):
        ffmpeg.run(clip, target(tmp_path), seek_seconds=500, limits=LIMITS)


def test_run_stops_at_the_deadline(tmp_path: Path, clip: Path) -> None:
    with pytest.raises(TooSlow):
        ffmpeg.run(clip, target(tmp_path), limits=Limits(deadline_seconds=0.01, cpu_seconds=5))


def test_run_without_a_program_fails_as_a_tool(tmp_path: Path, clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(tmp_path / "none"))
    with pytest.raises(ToolFailed):
        ffmpeg.run(clip, target(tmp_path), limits=LIMITS)


@pytest.mark.parametrize(
    ("shown", "size"), [("1280x720", (960, 540)), ("720x1280", (540, 960)), ("320x180", (320, 180))]
)
def test_poster_is_a_still_of_the_right_shape(tmp_path: Path, shown: str, size: tuple[int, int]) -> None:
    source = render(tmp_path / "clip.mp4", *H264, size=shown, seconds=0.5)
    pictures.make_poster(source, probe(source), tmp_path / "poster.webp")
    with Image.open(tmp_path / "poster.webp") as poster:
        assert (poster.format, poster.size) == ("WEBP", size)


def test_run_on_a_machine_without_ffmpeg_fails_as_a_tool(
    tmp_path: Path, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none() -> str:
        raise RuntimeError("No ffmpeg exe could be found.")

    monkeypatch.setattr("imageio_ffmpeg.get_ffmpeg_exe", none)
    with pytest.raises(ToolFailed, match="No ffmpeg"):
        ffmpeg.run(clip, target(tmp_path), limits=LIMITS)


def test_poster_is_not_black_when_the_middle_is(tmp_path: Path) -> None:
    black = "testsrc2=s={size}:r=24:d={seconds},drawbox=color=black:t=fill:enable='gt(t,0.8)'"
    source = render(tmp_path / "fade.mp4", *H264, picture=black)
    pictures.make_poster(source, probe(source), tmp_path / "poster.webp")
    assert pictures.brightness(tmp_path / "poster.webp") > pictures.BLACK


def test_poster_of_a_black_clip_is_black(tmp_path: Path) -> None:
    source = render(tmp_path / "night.mp4", *H264, picture="color=black:s={size}:r=24:d={seconds}")
    pictures.make_poster(source, probe(source), tmp_path / "poster.webp")
    assert pictures.brightness(tmp_path / "poster.webp") <= pictures.BLACK


@pytest.mark.parametrize(
    ("size", "small"), [("1280x720", (854, 480)), ("720x1280", (480, 854)), ("320x180", (320, 180))]
)
def test_preview_is_small_and_silent(tmp_path: Path, size: str, small: tuple[int, int]) -> None:
    source = render(tmp_path / "clip.mp4", *H264, size=size, seconds=1)
    preview, strip = tmp_path / "preview.mp4", tmp_path / "strip.webp"
    pictures.make_preview_and_strip(source, probe(source), preview, strip)
    with av.open(str(preview)) as made:
        stream = made.streams.video[0]
        assert (stream.width, stream.height, stream.codec_context.name) == (*small, "h264")
        assert not made.streams.audio


@pytest.mark.parametrize(("seconds", "said"), [(0.2, 1), (1, 1), (5.04, 1), (1, 2)])
def test_strip_has_ten_frames_side_by_side(tmp_path: Path, seconds: float, said: int) -> None:
    source = render(tmp_path / "clip.mp4", *H264, seconds=seconds)
    preview, strip = tmp_path / "preview.mp4", tmp_path / "strip.webp"
    facts = probe(source)
    facts = dataclasses.replace(facts, duration_ms=facts.duration_ms * said)
    pictures.make_preview_and_strip(source, facts, preview, strip)
    with Image.open(strip) as image:
        assert image.size == (3200, 180)
        cells = [image.crop((left, 0, left + 320, 180)) for left in range(0, 3200, 320)]
    assert all(ImageStat.Stat(cell.convert("L")).mean[0] > 50 for cell in cells)
