"""Real clips: just what was asked, playable from the first bytes, the same for the same seed, the prompt in sight."""

import struct
from dataclasses import replace
from pathlib import Path
from threading import Thread

import av
import pytest
from PIL import Image, ImageChops

from generations.sandbox import picture
from generations.sandbox.render import Children, Clip, RenderFailed, drawn_size, render
from tests.sandbox.talking import until

CLIP = Clip(prompt="A fox in the snow", note="note", seed=7, width_px=854, height_px=480, seconds=4, has_sound=True)


def made(clip: Clip, folder: Path, name: str = "a") -> Path:
    path = folder / f"{name}.mp4"
    render(clip, path, Children(), lambda percent: None)
    return path


def frame(path: Path, seconds: float) -> Image.Image:
    """In grey, as it is stored."""
    with av.open(str(path)) as container:
        found = next(f for f in container.decode(video=0) if (f.time or 0) >= seconds)
        image: Image.Image = found.to_image()  # type: ignore[no-untyped-call]
        return image.convert("L")


def boxes(path: Path) -> list[bytes]:
    """The names of the MP4's outer boxes, in order."""
    data, at, names = path.read_bytes(), 0, []
    while at < len(data):
        size, name = struct.unpack(">I4s", data[at : at + 8])
        names.append(name)
        at += size
    return names


@pytest.fixture(scope="module")
def clip_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(CLIP, tmp_path_factory.mktemp("clips"))


def test_clip_is_exactly_what_was_asked(clip_path: Path) -> None:
    with av.open(str(clip_path)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        shape = (video.codec_context.name, video.width, video.height, video.pix_fmt, float(video.average_rate or 0))
        assert shape == ("h264", 854, 480, "yuv420p", 24.0)
        assert (audio.codec_context.name, audio.rate, container.duration) == ("aac", 48_000, 4_000_000)
        assert sum(1 for _ in container.decode(video)) == 96


def test_clip_plays_from_its_first_bytes(clip_path: Path) -> None:
    names = boxes(clip_path)
    assert names.index(b"moov") < names.index(b"mdat")


def test_clip_moves(clip_path: Path) -> None:
    assert frame(clip_path, 0).tobytes() != frame(clip_path, 2).tobytes()


def test_clip_shows_its_prompt(clip_path: Path) -> None:
    strip = picture.caption(CLIP.prompt, CLIP.note, 854, 480)
    head = frame(clip_path, 1).crop((0, 0, 854, strip.height))
    letters = strip.getchannel("R").point(lambda level: 255 * (level == 255))
    seen = head.point(lambda level: 255 * (level > 190))
    drawn, shown = letters.histogram()[255], ImageChops.darker(letters, seen).histogram()[255]
    assert drawn > 500
    assert shown / drawn > 0.95


def test_clip_is_the_same_for_the_same_seed_only(clip_path: Path, tmp_path: Path) -> None:
    assert made(CLIP, tmp_path).read_bytes() == clip_path.read_bytes()
    other = made(replace(CLIP, seed=8), tmp_path, "b")
    assert frame(other, 1).tobytes() != frame(clip_path, 1).tobytes()


def test_clip_without_sound_has_no_audio(tmp_path: Path) -> None:
    with av.open(str(made(replace(CLIP, has_sound=False, width_px=480, height_px=854), tmp_path))) as container:
        assert container.streams.audio == ()
        assert (container.streams.video[0].width, container.streams.video[0].height) == (480, 854)
        assert container.duration == 4_000_000


@pytest.mark.parametrize("size", [(3840, 2160), (854, 480), (480, 854), (1366, 768), (978, 418), (640, 640)])
def test_drawn_size_is_even_and_small(size: tuple[int, int]) -> None:
    width, height = drawn_size(replace(CLIP, width_px=size[0], height_px=size[1]))
    assert max(width, height) <= 980
    assert (width % 2, height % 2) == (0, 0)


def test_render_stopped_leaves_nothing(tmp_path: Path) -> None:
    children, seen = Children(), list[int]()
    faults: list[RenderFailed] = []

    def work() -> None:
        try:
            render(replace(CLIP, width_px=3840, height_px=2160, seconds=15), tmp_path / "a.mp4", children, seen.append)
        except RenderFailed as fault:
            faults.append(fault)

    thread = Thread(target=work)
    thread.start()
    until(lambda: seen)
    children.stop()
    thread.join(5)
    assert (len(faults), list(tmp_path.iterdir())) == (1, [])
    with pytest.raises(RenderFailed, match="stopped"):
        render(CLIP, tmp_path / "b.mp4", children, seen.append)
