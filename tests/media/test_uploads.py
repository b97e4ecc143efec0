"""What a library takes and refuses: a corpus of files, each under a name that lies or says nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from PIL import Image

from generations.media.models import MediaFile
from generations.media.rules import Refused, Rule
from generations.media.uploads import keep_upload
from tests.media import samples
from tests.media.clips import FASTSTART, H264, SOUND, render

pytestmark = pytest.mark.django_db
Make = Callable[[Path], Path]


def left_behind(data: Path) -> list[str]:
    """Every file in DATA_DIR: temporary or stored."""
    return sorted(str(path.relative_to(data)) for path in data.rglob("*") if path.is_file())


def film(seconds: float, ending: str = "mp4", *options: str) -> Make:
    def make(path: Path) -> Path:
        return render(path.with_suffix(f".{ending}"), *options, *H264, *FASTSTART, seconds=seconds).rename(path)

    return make


TAKEN: dict[str, tuple[Make, str, str]] = {
    "photo": (samples.photo, "image", "image/jpeg"),
    "png": (samples.image, "image", "image/png"),
    "webp": (lambda path: samples.image(path, form="WEBP"), "image", "image/webp"),
    "smallest": (lambda path: samples.image(path, 300, 300), "image", "image/png"),
    "longest": (lambda path: samples.image(path, 6000, 2400, "JPEG"), "image", "image/jpeg"),
    "tallest": (lambda path: samples.image(path, 300, 750), "image", "image/png"),
    "bomb that unpacks to more than it shows": (samples.bomb_that_lies, "image", "image/png"),
    "mp4": (film(2), "video", "video/mp4"),
    "mov": (film(3, "mov"), "video", "video/mp4"),
    "mp4 of 15 s": (film(15), "video", "video/mp4"),
    "wav": (samples.wav, "audio", "audio/wav"),
    "wav of 15 s": (lambda path: samples.wav(path, 15), "audio", "audio/wav"),
    "mp3": (samples.mp3, "audio", "audio/mpeg"),
    "mp3 of 15 s": (lambda path: samples.mp3(path, 15), "audio", "audio/mpeg"),
    "mp3 without tags": (lambda path: samples.mp3(path, 3, "-id3v2_version", "0"), "audio", "audio/mpeg"),
}
REFUSED: dict[str, tuple[Make, Rule]] = {
    "page": (lambda path: samples.written(path, samples.HTML), Rule.TYPE),
    "playlist": (lambda path: samples.written(path, samples.PLAYLIST), Rule.TYPE),
    "svg": (lambda path: samples.written(path, samples.SVG), Rule.TYPE),
    "heic": (lambda path: samples.written(path, samples.HEIC), Rule.TYPE),
    "pdf": (lambda path: samples.written(path, b"%PDF-1.7\n" + bytes(500)), Rule.TYPE),
    "gif": (lambda path: samples.image(path, form="GIF"), Rule.TYPE),
    "bmp": (lambda path: samples.image(path, form="BMP"), Rule.TYPE),
    "tiff": (lambda path: samples.image(path, form="TIFF"), Rule.TYPE),
    "empty": (lambda path: samples.written(path, b""), Rule.TYPE),
    "a byte": (lambda path: samples.written(path, b"\xff"), Rule.TYPE),
    "page behind a png's first bytes": (
        lambda path: samples.written(path, b"\x89PNG\r\n\x1a\n" + samples.HTML),
        Rule.BROKEN,
    ),
    "page behind a jpeg's first bytes": (
        lambda path: samples.written(path, b"\xff\xd8\xff\xe0" + samples.HTML),
        Rule.BROKEN,
    ),
    "page behind a film's first bytes": (
        lambda path: samples.written(path, b"\x00\x00\x00\x18ftypisom" + samples.HTML),
        Rule.TYPE,
    ),
    "page behind a sound's first bytes": (
        lambda path: samples.written(path, b"ID3\x04\x00\x00\x00\x00\x00\x00" + samples.HTML),
        Rule.BROKEN,
    ),
    "bomb": (samples.bomb, Rule.PIXELS),
    "too small": (lambda path: samples.image(path, 299, 400), Rule.SIDES),
    "too long a side": (lambda path: samples.image(path, 6001, 3000, "JPEG"), Rule.SIDES),
    "too wide": (lambda path: samples.image(path, 1000, 399), Rule.ASPECT),
    "too tall": (lambda path: samples.image(path, 398, 1000), Rule.ASPECT),
    "moving webp": (lambda path: samples.moving(path, "WEBP"), Rule.MOVING),
    "moving png": (lambda path: samples.moving(path, "PNG"), Rule.MOVING),
    "cut jpeg": (lambda path: samples.cut(samples.photo(path)), Rule.BROKEN),
    "cut png": (lambda path: samples.cut(samples.image(path)), Rule.BROKEN),
    "cut webp": (lambda path: samples.cut(samples.image(path, form="WEBP")), Rule.BROKEN),
    "cut mp4": (lambda path: samples.cut(film(3)(path)), Rule.BROKEN),
    "cut wav": (lambda path: samples.cut(samples.wav(path)), Rule.BROKEN),
    "cut mp3": (lambda path: samples.cut(samples.mp3(path, 6)), Rule.BROKEN),
    "film of 1 s": (film(1), Rule.LENGTH),
    "film of 16 s": (film(16), Rule.LENGTH),
    "wav of 16 s": (lambda path: samples.wav(path, 16), Rule.LENGTH),
    "mp3 of 16 s": (lambda path: samples.mp3(path, 16), Rule.LENGTH),
    "mp3 of 100 s": (lambda path: samples.mp3(path, 100), Rule.LENGTH),
    "sound alone in mp4": (
        lambda path: render(path.with_suffix(".mp4"), *SOUND, "-map", "1:a").rename(path),
        Rule.TYPE,
    ),
    "large jpeg": (lambda path: samples.written(path, b"\xff\xd8\xff\xe0" + bytes(30_000_000)), Rule.SIZE),
    "large wav": (lambda path: samples.wav(path, 480), Rule.SIZE),
    "large film": (lambda path: samples.written(path, b"\x00\x00\x00\x18ftypisom" + bytes(50_000_000)), Rule.SIZE),
}


@pytest.mark.parametrize("name", TAKEN)
def test_keep_upload_takes(tmp_path: Path, data: Path, name: str) -> None:
    make, kind, content_type = TAKEN[name]
    media = keep_upload(make(tmp_path / "page.html"))
    assert (media.kind, media.content_type) == (kind, content_type)
    assert default_storage.size(media.storage_name) == media.size_bytes
    with default_storage.open(media.poster_name) as poster, Image.open(poster, formats=["WEBP"]) as still:
        assert max(still.size) <= 960
    assert left_behind(data) == sorted(f"media/{name}" for name in (media.storage_name, media.poster_name))


@pytest.mark.parametrize("name", REFUSED)
def test_keep_upload_refuses_and_leaves_nothing(tmp_path: Path, data: Path, name: str) -> None:
    make, rule = REFUSED[name]
    with pytest.raises(Refused) as caught:
        keep_upload(make(tmp_path / "photo.png"))
    assert caught.value.rule == rule, caught.value.said
    assert left_behind(data) == []
    assert not MediaFile.objects.exists()


def test_image_keeps_its_pixels_and_nothing_else(tmp_path: Path) -> None:
    for sent in (
        samples.photo(tmp_path / "photo"),
        samples.photo(tmp_path / "plain", has_profile=False),
        samples.labelled_png(tmp_path / "labelled"),
    ):
        assert any(secret in sent.read_bytes() for secret in samples.SECRETS)
        media = keep_upload(sent)
        with default_storage.open(media.storage_name) as file, Image.open(file) as kept:
            assert (dict(kept.getexif()), kept.info.get("icc_profile")) == ({}, None)
            file.seek(0)
            content = file.read()
        assert [secret for secret in (*samples.SECRETS, b"Exif", b"ICC_PROFILE") if secret in content] == []


@pytest.mark.parametrize(("orientation", "size"), [(1, (640, 480)), (3, (640, 480)), (6, (480, 640)), (8, (480, 640))])
def test_image_is_turned_upright(tmp_path: Path, orientation: int, size: tuple[int, int]) -> None:
    media = keep_upload(samples.photo(tmp_path / "photo", orientation=orientation))
    assert (media.width_px, media.height_px) == size
    with default_storage.open(media.storage_name) as file, Image.open(file) as kept:
        assert kept.size == size
        red, green = (kept.getchannel(band).getpixel((5, 5)) for band in "RG")
        assert isinstance(red, int)
        assert isinstance(green, int)
        corner = {1: (False, False), 3: (True, True), 6: (False, True), 8: (True, False)}[orientation]
        assert (red > 128, green > 128) == corner


def test_transparent_image_stays_transparent(tmp_path: Path) -> None:
    Image.new("RGBA", (400, 400), (10, 20, 30, 40)).save(tmp_path / "clear", "PNG")
    media = keep_upload(tmp_path / "clear")
    with default_storage.open(media.storage_name) as file, Image.open(file) as kept:
        assert kept.getpixel((9, 9)) == (10, 20, 30, 40)


def test_grey_of_16_bits_keeps_its_brightness(tmp_path: Path) -> None:
    Image.new("I;16", (400, 400), 0x8000).save(tmp_path / "grey", "PNG")
    media = keep_upload(tmp_path / "grey")
    with default_storage.open(media.storage_name) as file, Image.open(file) as kept:
        assert kept.convert("RGB").getpixel((9, 9)) == (128, 128, 128)


def test_same_image_is_kept_once(tmp_path: Path, data: Path) -> None:
    first, second = (keep_upload(samples.photo(tmp_path / name)) for name in ("one", "two"))
    assert first == second
    assert len(left_behind(data)) == 2


def test_sound_is_measured(tmp_path: Path) -> None:
    tone, song = keep_upload(samples.wav(tmp_path / "a")), keep_upload(samples.mp3(tmp_path / "b", 4))
    assert (tone.duration_ms, tone.audio_codec) == (3000, "pcm_s16le")
    assert song.audio_codec == "mp3"
    assert 4000 <= (song.duration_ms or 0) <= 4100


def test_video_is_measured(tmp_path: Path) -> None:
    media = keep_upload(film(2, "mp4", *SOUND)(tmp_path / "clip"))
    assert (media.width_px, media.height_px, media.duration_ms, media.audio_codec) == (320, 180, 2000, "aac")


def test_refusal_says_the_figures(tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        keep_upload(samples.image(tmp_path / "small", 200, 400))
    assert caught.value.said == "An image's sides must be 300 to 6000 px; this one is 200 × 400 px."
