"""Clips in a row as an editor's list: EDL (CMX 3600) and FCPXML 1.9, with the comments as markers. Pure Python.

Every clip runs from its first frame to its last; times are whole frames of the list's own rate.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from urllib.parse import quote
from xml.etree import ElementTree as ET

USUAL_RATE = Fraction(24)
STARTS_AT_HOUR = 1  # of the finished reel, as editors are used to
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
LONGEST_MARK = 200


@dataclass(frozen=True, slots=True)
class Mark:
    """A comment at a time of its clip; `end_ms` None: at one frame."""

    start_ms: int
    end_ms: int | None
    text: str
    who: str
    is_resolved: bool = False


@dataclass(frozen=True, slots=True)
class Clip:
    file_name: str
    title: str
    duration_ms: int
    frames_per_second: float | None
    width_px: int
    height_px: int
    has_sound: bool
    marks: Sequence[Mark] = field(default_factory=tuple)


def rate_of(clips: Sequence[Clip]) -> Fraction:
    """The frames a second that most clips have: 24000/1001 for a measured 23.976."""
    rates = Counter(_rate(clip) for clip in clips)
    return rates.most_common(1)[0][0] if rates else USUAL_RATE


def _rate(clip: Clip) -> Fraction:
    measured = clip.frames_per_second or 0
    return Fraction(measured).limit_denominator(1001) if 1 <= measured <= 240 else USUAL_RATE


def frames(milliseconds: int, rate: Fraction) -> int:
    return round(Fraction(milliseconds, 1000) * rate)


def one_line(text: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _said(mark: Mark) -> str:
    who = f"{one_line(mark.who)}: " if mark.who else ""
    return f"{who}{one_line(mark.text)}"[:LONGEST_MARK]


# ----------------------------------------------------------------- EDL


def edl(title: str, clips: Sequence[Clip]) -> str:
    """CMX 3600: one event a clip, its file name and its comments (`* LOC:`, red while open, green when resolved)."""
    rate = rate_of(clips)
    return "\r\n".join([f"TITLE: {one_line(title)[:70]}", "FCM: NON-DROP FRAME", "", *_events(clips, rate), ""])


def _events(clips: Sequence[Clip], rate: Fraction) -> Iterator[str]:
    at = STARTS_AT_HOUR * 3600 * round(rate)
    for number, clip in enumerate(clips, 1):
        length = max(1, frames(clip.duration_ms, rate))
        spans = [timecode(value, rate) for value in (0, length, at, at + length)]
        yield f"{number:03}  AX       {'B' if clip.has_sound else 'V'}     C        {' '.join(spans)}"
        yield f"* FROM CLIP NAME: {one_line(clip.file_name)}"
        for mark in clip.marks:
            place = at + min(frames(mark.start_ms, rate), length - 1)
            yield f"* LOC: {timecode(place, rate)} {'GREEN' if mark.is_resolved else 'RED':7} {_said(mark)}"
        yield ""
        at += length


def timecode(number: int, rate: Fraction) -> str:
    """Frame 90 at 24 a second -> 00:00:03:18; the hours begin again after 24."""
    whole = round(rate)
    seconds, rest = divmod(number, whole)
    return f"{seconds // 3600 % 24:02}:{seconds // 60 % 60:02}:{seconds % 60:02}:{rest:02}"


# ----------------------------------------------------------------- FCPXML


def fcpxml(title: str, clips: Sequence[Clip]) -> str:
    """One project whose spine is the clips in order; the files are looked for beside the list."""
    rate = rate_of(clips)
    root = ET.Element("fcpxml", version="1.9")
    resources = ET.SubElement(root, "resources")
    _format(resources, "r0", rate, clips[0] if clips else None)
    event = ET.SubElement(ET.SubElement(root, "library"), "event", name=_xml(title))
    sequence = ET.SubElement(ET.SubElement(event, "project", name=_xml(title)), "sequence", format="r0", tcStart="0s")
    spine = ET.SubElement(sequence, "spine")
    at = 0
    for number, clip in enumerate(clips, 1):
        length = max(1, frames(clip.duration_ms, rate))
        _asset(resources, number, clip)
        _placed(spine, number, clip, at, length, rate)
        at += length
    sequence.set("duration", _time(at, rate))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n{ET.tostring(root, encoding="unicode")}\n'


def _format(resources: ET.Element, name: str, rate: Fraction, clip: Clip | None) -> None:
    made = ET.SubElement(resources, "format", id=name, frameDuration=_time(1, rate))
    if clip and clip.width_px:
        made.set("width", str(clip.width_px))
        made.set("height", str(clip.height_px))


def _asset(resources: ET.Element, number: int, clip: Clip) -> None:
    rate = _rate(clip)
    _format(resources, f"f{number}", rate, clip)
    asset = ET.SubElement(
        resources,
        "asset",
        id=f"a{number}",
        name=_xml(clip.title),
        start="0s",
        duration=_time(max(1, frames(clip.duration_ms, rate)), rate),
        hasVideo="1",
        format=f"f{number}",
    )
    if clip.has_sound:
        asset.set("hasAudio", "1")
        asset.set("audioSources", "1")
    ET.SubElement(asset, "media-rep", kind="original-media", src=f"./{quote(clip.file_name)}")


def _placed(spine: ET.Element, number: int, clip: Clip, at: int, length: int, rate: Fraction) -> None:
    placed = ET.SubElement(
        spine,
        "asset-clip",
        ref=f"a{number}",
        name=_xml(clip.title),
        offset=_time(at, rate),
        start="0s",
        duration=_time(length, rate),
    )
    for mark in clip.marks:
        start = min(frames(mark.start_ms, rate), length - 1)
        end = frames(mark.end_ms, rate) if mark.end_ms else start + 1
        ET.SubElement(
            placed,
            "marker",
            start=_time(start, rate),
            duration=_time(max(1, end - start), rate),
            value=_xml(_said(mark)),
            completed=str(int(mark.is_resolved)),
        )


def _time(number: int, rate: Fraction) -> str:
    """A count of frames as FCPXML says a time: 90 at 24 a second -> 90/24s, at 23.976 -> 90090/24000s."""
    return f"{number * rate.denominator}/{rate.numerator}s"


def _xml(text: str) -> str:
    return NOT_XML.sub(" ", one_line(text))
