"""References in the clip's own pixels: numbers, first and last frame, a video's first picture, length and seconds."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image, ImageChops, ImageOps, ImageStat

from generations.relay.upscale import upscale_request
from generations.relay.wire import Reference, VideoRequest, seedance_tokens
from generations.sandbox import tiles
from generations.sandbox.inputs import Inputs
from generations.sandbox.measuring import Medium
from generations.sandbox.render import Children, render
from generations.sandbox.rows import Row
from generations.sandbox.server import Sandbox, Settings
from generations.sandbox.upscales import larger
from tests.sandbox import material
from tests.sandbox.talking import Talk, body, until, wish
from tests.sandbox.test_inputs import as_data, entry
from tests.sandbox.test_uploads import upload

SIZE = (854, 480)
NEAR = 12.0  # mean difference of a colour that encoding may leave

Render = Callable[..., Path]


@pytest.fixture
def rendered(talk: Talk, tmp_path: Path) -> Render:
    def make(*content: Reference, **overrides: Any) -> Path:
        row = talk.make(content=content, **overrides)
        given = Inputs(talk.sandbox._own_path, None).fetch(content, tmp_path)
        path = tmp_path / "clip.mp4"
        render(talk.sandbox.engine.clip(row, given), path, Children(), lambda percent: None)
        return path

    return make


def frames(path: Path) -> list[Image.Image]:
    with av.open(str(path)) as container:
        return [frame.to_image() for frame in container.decode(video=0)]  # type: ignore[no-untyped-call]


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean of what the channels differ by, 0-255."""
    stat = ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB")))
    return sum(stat.mean) / 3


def pattern(seed: int, size: tuple[int, int] = (960, 540)) -> Image.Image:
    """An image in which every place is another colour."""
    across, down = Image.linear_gradient("L").rotate(90).resize(size), Image.linear_gradient("L").resize(size)
    return Image.merge("RGB", (across, down, Image.new("L", size, seed)))


def png(image: Image.Image, tmp_path: Path) -> str:
    path = tmp_path / "pattern.png"
    image.save(path)
    return as_data(path.read_bytes())


def test_each_image_is_in_the_clip_at_its_number(rendered: Render) -> None:
    colours = [material.GREEN, material.RED, material.BLUE]
    clip = frames(rendered(*(entry(as_data(material.image(colour))) for colour in colours)))
    for place, colour in zip(tiles.places(3, *SIZE), colours, strict=True):
        for frame in (clip[0], clip[48], clip[-1]):
            seen = frame.crop(place.picture)
            assert difference(seen, Image.new("RGB", seen.size, colour)) < NEAR


def test_each_name_is_under_its_own_picture(rendered: Render, talk: Talk, tmp_path: Path) -> None:
    content = [entry(as_data(material.image(colour))) for colour in (material.GREEN, material.RED)]
    frame = frames(rendered(*content))[24]
    names = tiles.sheet(Inputs(lambda url: None, None).fetch(content, tmp_path / ".."), *SIZE)
    for own, other in ((0, 1), (1, 0)):
        seen = [frame.crop(place.band) for place in tiles.places(2, *SIZE)]
        drawn = [names.crop(place.band) for place in tiles.places(2, *SIZE)]
        assert difference(seen[own], drawn[own]) < difference(seen[own], drawn[other])
        assert difference(seen[own], drawn[own]) < NEAR


def test_twelve_references_all_fit_in_the_frame(rendered: Render) -> None:
    image, clip = entry(as_data(material.image())), entry(as_data(material.clip()), "video")
    frame = frames(rendered(*[image] * 6, *[clip] * 3, *[entry(as_data(material.sound()), "audio")] * 3))[24]
    places = tiles.places(12, *SIZE)
    assert places[-1].band[2] <= SIZE[0]
    assert places[-1].band[3] <= SIZE[1]
    assert difference(frame.crop(places[5].picture), Image.new("RGB", (places[5].side_px,) * 2, material.RED)) < NEAR
    assert difference(frame.crop(places[6].picture), Image.new("RGB", (places[6].side_px,) * 2, material.BLUE)) < NEAR


def test_first_frame_is_the_first_and_the_last_the_last(rendered: Render, tmp_path: Path) -> None:
    first, last = pattern(40), pattern(220)
    clip = frames(
        rendered(
            entry(png(first, tmp_path), role="first_frame"), entry(png(last, tmp_path), role="last_frame"), seconds=4
        )
    )
    assert len(clip) == 96
    assert difference(clip[0], ImageOps.fit(first, SIZE)) < NEAR
    assert difference(clip[-1], ImageOps.fit(last, SIZE)) < NEAR
    assert difference(clip[48], ImageOps.fit(first, SIZE)) > 2 * NEAR
    assert difference(clip[48], ImageOps.fit(last, SIZE)) > 2 * NEAR


def test_first_frame_of_another_shape_is_cut_evenly(rendered: Render, tmp_path: Path) -> None:
    first = pattern(40, (600, 900))
    clip = frames(rendered(entry(png(first, tmp_path), role="first_frame"), ratio="1:1"))
    assert difference(clip[0], ImageOps.fit(first, clip[0].size)) < NEAR


def test_video_shows_its_first_picture_and_its_length(rendered: Render, tmp_path: Path) -> None:
    short, long = (entry(as_data(material.clip(seconds=seconds)), "video") for seconds in (2.0, 7.0))
    frame = frames(rendered(short, long))[60]
    content = Inputs(lambda url: None, None).fetch([short, long], tmp_path / "..")
    names, places = tiles.sheet(content, *SIZE), tiles.places(2, *SIZE)
    for place in places:
        assert difference(frame.crop(place.picture), Image.new("RGB", (place.side_px,) * 2, material.BLUE)) < NEAR
        assert difference(frame.crop(place.band), names.crop(place.band)) < NEAR
    assert [f"{given.medium.seconds:.1f}" for given in content] == ["2.0", "7.0"]


@pytest.mark.parametrize(("audio", "streams"), [(True, 1), (False, 0), (None, 0)])
def test_sound_is_there_only_when_asked(rendered: Render, audio: bool | None, streams: int) -> None:
    content = entry(as_data(material.image())), entry(as_data(material.sound()), "audio")
    with av.open(str(rendered(*content, generate_audio=audio))) as container:
        assert len(container.streams.audio) == streams


def test_upscale_is_the_same_clip_larger(rendered: Render) -> None:
    source = material.clip(seconds=3.0)
    path = rendered(entry(as_data(source), "video"), model="seedance-upscale-720p", prompt="", seconds=3)
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        assert (video.width, video.height, len(container.streams.audio)) == (960, 720, 1)
        assert (container.duration or 0) / 1e6 == pytest.approx(3.0, abs=0.1)
    clip = frames(path)
    assert difference(clip[2], Image.new("RGB", (960, 720), material.BLUE)) < NEAR
    assert difference(clip[-2], Image.new("RGB", (960, 720), "white")) < NEAR


@pytest.mark.parametrize(("size", "larger_size"), [((854, 480), (1280, 720)), ((480, 854), (720, 1280))])
def test_upscale_keeps_the_shape(size: tuple[int, int], larger_size: tuple[int, int]) -> None:
    medium = Medium(kind="video", content_type="", suffix="", width_px=size[0], height_px=size[1], seconds=2)
    assert larger(medium, "720p") == larger_size


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Talk]:
    sandbox = Sandbox(Settings(data=tmp_path / "running", wait_seconds=0))
    sandbox.start()
    yield Talk(sandbox)
    sandbox.stop()


def ended(talk: Talk, asked: VideoRequest) -> Row:
    talk.post(asked)
    row = talk.sandbox.store.tasks()[-1]
    return until(lambda: seen if (seen := talk.sandbox.store.task(row.id)).state in ("done", "failed") else None)


def test_seconds_of_a_given_video_are_billed(running: Talk) -> None:
    url = body(upload(running, material.clip()))["url"]
    row = ended(running, wish(content=(entry(url, "video"),), seconds=4))
    bill = running.sandbox.menu.bill(wish(seconds=6))
    assert (row.state, row.tokens, row.quota) == ("done", bill.tokens, bill.quota)
    assert [path.name for path in running.sandbox.engine.clips.iterdir()] == [f"{row.id}.mp4"]


def test_upscale_of_a_video_is_done_and_billed_by_its_length(running: Talk) -> None:
    url = body(upload(running, material.clip(seconds=3.0)))["url"]
    asked = upscale_request(model="seedance-upscale-720p", video_url=url, seconds=3)
    row = ended(running, asked)
    assert (row.state, row.tokens) == ("done", seedance_tokens(0, 3, 1280, 720))
