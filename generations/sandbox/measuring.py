"""What a file is, found by decoding it, and the contract's limits for each kind. Its name and its type say nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import av
from PIL import Image, UnidentifiedImageError

MEGABYTE = 1_000_000
MOST_BYTES = {"image": 30 * MEGABYTE, "video": 50 * MEGABYTE, "audio": 15 * MEGABYTE}
SIDES_PX = (300, 6000)
ASPECTS = (0.4, 2.5)
VIDEO_SECONDS = (2.0, 15.0)
AUDIO_SECONDS = 15.0
SLACK_SECONDS = 0.1  # a clip of 15 s may end with one sample more
HEAD_BYTES = 16
UNDECODABLE = (OSError, ValueError, SyntaxError, StopIteration, av.FFmpegError, Image.DecompressionBombError)
IMAGES = {"JPEG": ("image/jpeg", ".jpg"), "PNG": ("image/png", ".png"), "WEBP": ("image/webp", ".webp")}


class Unusable(Exception):
    """The message says which rule a file breaks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Medium:
    """A file that was decoded. What does not apply is 0."""

    kind: str  # image, video, audio
    content_type: str
    suffix: str
    width_px: int = 0
    height_px: int = 0
    seconds: float = 0.0


def measure(path: Path) -> Medium:
    """Raises Unusable when it is none of the contract's formats, or breaks its limits."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        file.seek(0)
        try:
            medium = _reader(head)(file, head)
        except UNDECODABLE as problem:
            raise Unusable(f"cannot be decoded ({type(problem).__name__})") from None
    _check(medium, path.stat().st_size)
    return medium


def _reader(head: bytes) -> Callable[[BinaryIO, bytes], Medium]:
    if head[4:8] == b"ftyp":
        return _video
    if (head[:4], head[8:12]) == (b"RIFF", b"WAVE") or head[:3] == b"ID3" or _is_mpeg_frame(head):
        return _audio
    return _image


def _is_mpeg_frame(head: bytes) -> bool:
    """Layer III of MPEG 1 or 2."""
    return len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2


def _image(file: BinaryIO, head: bytes) -> Medium:
    try:
        with Image.open(file, formats=list(IMAGES)) as image:
            content_type, suffix = IMAGES[str(image.format)]
            width_px, height_px = image.size
            if max(image.size) <= SIDES_PX[1]:
                image.load()
    except UnidentifiedImageError:
        raise Unusable("is none of JPEG, PNG, WebP, MP4, MOV, MP3, WAV") from None
    return Medium(kind="image", content_type=content_type, suffix=suffix, width_px=width_px, height_px=height_px)


def _video(file: BinaryIO, head: bytes) -> Medium:
    with av.open(file, "r", format="mov", options={"enable_drefs": "0"}) as container:
        if not container.streams.video:
            raise Unusable("has no picture")
        stream = container.streams.video[0]
        next(container.decode(stream))
        is_mov = head[8:12] == b"qt  "
        return Medium(
            kind="video",
            content_type="video/quicktime" if is_mov else "video/mp4",
            suffix=".mov" if is_mov else ".mp4",
            width_px=stream.width,
            height_px=stream.height,
            seconds=_seconds(container, stream),
        )


def _audio(file: BinaryIO, head: bytes) -> Medium:
    is_wave = head[:4] == b"RIFF"
    with av.open(file, "r", format="wav" if is_wave else "mp3") as container:
        if not container.streams.audio:
            raise Unusable("has no sound")
        stream = container.streams.audio[0]
        next(container.decode(stream))
        seconds = _seconds(container, stream)
    content_type, suffix = ("audio/wav", ".wav") if is_wave else ("audio/mpeg", ".mp3")
    return Medium(kind="audio", content_type=content_type, suffix=suffix, seconds=seconds)


def _seconds(container: av.container.InputContainer, stream: av.VideoStream | av.AudioStream) -> float:
    """Of the picture or the sound itself; a file lasts as long as its longer stream."""
    if stream.duration and stream.time_base:
        return round(float(stream.duration * stream.time_base), 3)
    return round((container.duration or 0) / 1_000_000, 3)


def _check(medium: Medium, size_bytes: int) -> None:
    most = MOST_BYTES[medium.kind]
    _require(size_bytes <= most, f"is larger than {most // MEGABYTE} MB")
    if medium.kind == "image":
        least_px, most_px = SIDES_PX
        sides = (medium.width_px, medium.height_px)
        _require(least_px <= min(sides) and max(sides) <= most_px, f"must have sides of {least_px} to {most_px} px")
        low, high = ASPECTS
        _require(low <= medium.width_px / medium.height_px <= high, f"must have an aspect of {low} to {high}")
    if medium.kind == "video":
        least, longest = VIDEO_SECONDS
        fits = least - SLACK_SECONDS <= medium.seconds <= longest + SLACK_SECONDS
        _require(fits, f"must last {least:g} to {longest:g} seconds")
    if medium.kind == "audio":
        fits = 0 < medium.seconds <= AUDIO_SECONDS + SLACK_SECONDS
        _require(fits, f"must last at most {AUDIO_SECONDS:g} seconds")


def _require(is_right: bool, rule: str) -> None:
    if not is_right:
        raise Unusable(rule)
