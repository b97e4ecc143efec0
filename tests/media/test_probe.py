"""What a file is, from good ones and from a corpus of bad ones."""

import contextlib
import random
import zipfile
from pathlib import Path

import pytest

from generations.media import child
from generations.media.errors import BadType, ToolFailed, TooSlow, Truncated
from generations.media.probe import Facts, probe, read
from tests.media.clips import FASTSTART, H264, SOUND, render, write

PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
DASH = b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>file:///etc/</BaseURL></MPD>'
NOT_A_FILM = {
    "empty": b"",
    "a few bytes": b"\x00\x00\x00",
    "page": b"<!doctype html><html><body>Sign in to continue</body></html>" * 40,
    "playlist": PLAYLIST,
    "dash": DASH,
    "concat list": b"ffconcat version 1.0\nfile '/etc/passwd'\n",
    "json": b'{"error": {"message": "expired"}}',
    "zeros": bytes(100_000),
    "picture": b"\x89PNG\r\n\x1a\n" + bytes(3000),
    "impossible box": b"\x00\x00\x00\x05ftypisom" + bytes(100),
    "endless index": b"\x00\x00\x00\x08ftyp" + b"\x00\x00\x00\x00moov" + bytes(100),
    "page in the first box": b"\x00\x00\x00\x30ftypisom<script>alert(1)</script>" + bytes(200),
    "nothing in an index": b"\x00\x00\x00\x10ftypisom\x00\x00\x00\x00"
    + b"\x00\x00\x00\x08moov"
    + b"\x00\x00\x00\x08mdat",
}


def test_probe_measures_a_clip(clip: Path) -> None:
    assert probe(clip) == Facts(
        width_px=320,
        height_px=180,
        duration_ms=2000,
        frames_per_second=24.0,
        video_codec="h264",
        audio_codec="aac",
    )


def test_probe_finds_a_silent_clip_silent(portrait: Path) -> None:
    facts = probe(portrait)
    assert (facts.width_px, facts.height_px, facts.duration_ms, facts.audio_codec) == (180, 320, 1000, "")


@pytest.mark.parametrize(
    ("ending", "options", "codec"),
    [
        ("mp4", ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none"), "hevc"),
        ("mp4", ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"), "vp9"),
        ("mp4", ("-c:v", "libsvtav1", "-preset", "12", "-svtav1-params", "lp=1"), "av1"),
        ("mov", H264, "h264"),
        ("mp4", (*H264, "-movflags", "frag_keyframe+empty_moov"), "h264"),
    ],
)
def test_probe_reads_every_kept_codec_and_layout(
    tmp_path: Path, ending: str, options: tuple[str, ...], codec: str
) -> None:
    facts = probe(render(tmp_path / f"clip.{ending}", *options, "-pix_fmt", "yuv420p", seconds=1))
    assert (facts.video_codec, facts.width_px, facts.height_px, facts.duration_ms) == (codec, 320, 180, 1000)


def test_probe_gives_the_sides_as_shown(tmp_path: Path, clip: Path) -> None:
    turned = render(tmp_path / "turned.mp4", "-display_rotation", "90", "-i", str(clip), "-map", "1:v", "-c", "copy")
    facts = probe(turned)
    assert (facts.width_px, facts.height_px) == (180, 320)


@pytest.mark.parametrize("content", NOT_A_FILM.values(), ids=NOT_A_FILM.keys())
def test_probe_refuses_what_is_no_film(tmp_path: Path, content: bytes) -> None:
    with pytest.raises((BadType, Truncated)) as caught:
        probe(write(tmp_path / "result.mp4", content))
    assert "root:" not in str(caught.value)


@pytest.mark.parametrize("name", ["empty", "page", "playlist", "dash", "json", "page in the first box"])
def test_probe_calls_other_kinds_bad_type(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadType):
        probe(write(tmp_path / "result.mp4", NOT_A_FILM[name]))


@pytest.mark.parametrize(
    ("container", "codec"), [("webm", "libvpx"), ("avi", "mpeg4"), ("mp4", "mpeg4"), ("mp4", "mjpeg")]
)
def test_probe_refuses_other_containers_and_codecs(tmp_path: Path, container: str, codec: str) -> None:
    colours = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    made = render(tmp_path / f"clip.{container}", "-c:v", codec, "-pix_fmt", colours, seconds=0.2)
    with pytest.raises(BadType):
        probe(made.rename(tmp_path / "result.mp4"))


def test_probe_refuses_sound_alone(tmp_path: Path) -> None:
    with pytest.raises(BadType):
        probe(render(tmp_path / "sound.mp4", *SOUND, "-map", "1:a"))


def test_probe_refuses_a_film_that_is_also_an_archive(tmp_path: Path, clip: Path) -> None:
    both = write(tmp_path / "both.mp4", clip.read_bytes())
    with zipfile.ZipFile(both, "a") as archive:
        archive.writestr("index.html", "<script>alert(1)</script>")
    with pytest.raises(BadType):
        probe(both)


def test_probe_refuses_a_film_with_a_page_behind_it(tmp_path: Path, clip: Path) -> None:
    with pytest.raises(BadType):
        probe(write(tmp_path / "both.mp4", clip.read_bytes() + b"<html><script>alert(1)</script></html>"))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("name", ["clip", "portrait"])
def test_probe_finds_a_cut_film(request: pytest.FixtureRequest, tmp_path: Path, name: str, share: float) -> None:
    whole: bytes = request.getfixturevalue(name).read_bytes()
    with pytest.raises(Truncated):
        probe(write(tmp_path / "cut.mp4", whole[: int(len(whole) * share)]))


def test_probe_finds_pictures_missing_behind_a_sound_outline(tmp_path: Path, clip: Path) -> None:
    whole = clip.read_bytes()
    start = whole.index(b"mdat") - 4
    cut = whole[: start + (len(whole) - start) // 2]
    mended = cut[:start] + (len(cut) - start).to_bytes(4, "big") + cut[start + 4 :]
    with pytest.raises(Truncated):
        probe(write(tmp_path / "mended.mp4", mended))


def test_probe_refuses_noise_where_pictures_should_be(tmp_path: Path, clip: Path) -> None:
    whole = clip.read_bytes()
    start = whole.index(b"mdat") + 4
    noise = bytes(number * 7 % 251 for number in range(len(whole) - start))
    with pytest.raises((BadType, Truncated)):
        probe(write(tmp_path / "noise.mp4", whole[:start] + noise))


@pytest.mark.parametrize("seed", range(12))
def test_probe_gives_a_verdict_on_a_damaged_film(tmp_path: Path, clip: Path, seed: int) -> None:
    chance, damaged = random.Random(seed), bytearray(clip.read_bytes())
    for _ in range(chance.choice((1, 10, 200))):
        damaged[chance.randrange(24, len(damaged))] = chance.randrange(256)
    with contextlib.suppress(BadType, Truncated):
        assert probe(write(tmp_path / "damaged.mp4", bytes(damaged))).width_px > 0


def test_probe_refuses_more_pixels_than_any_clip_has(tmp_path: Path, clip: Path) -> None:
    huge = render(
        tmp_path / "huge.mp4",
        *H264,
        *FASTSTART,
        size="8192x4624",
        seconds=0.05,
        picture="color=s={size}:d={seconds}:r=24",
    )
    with pytest.raises(BadType):
        probe(huge)


def test_probe_stops_at_its_deadline(clip: Path) -> None:
    with pytest.raises(TooSlow):
        probe(clip, child.Limits(deadline_seconds=0.02, cpu_seconds=10))


def test_probe_says_when_it_could_not_measure(clip: Path) -> None:
    with pytest.raises(ToolFailed):
        probe(clip, child.Limits(deadline_seconds=30, cpu_seconds=10, file_bytes=10))


def test_read_blames_the_file_for_a_crash() -> None:
    with pytest.raises(BadType, match="signal 11"):
        read(child.Ended(-11, "", ""))


def test_probe_takes_names_as_names(tmp_path: Path, clip: Path) -> None:
    for name in ("-i.mp4", "http:clip.mp4", "%03d.mp4", "pipe:0", "ü 映.mp4"):
        assert probe(write(tmp_path / name, clip.read_bytes())).width_px == 320
