"""The editor's lists: read back as an editor reads them."""

from fractions import Fraction
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generations.gallery.cutting import Clip, Mark, edl, fcpxml, rate_of, timecode

NOTE = Mark(1500, None, "Slower\nhere", "Ann")
DUSK = Clip("01-dusk walk.mp4", "Dusk walk", 4000, 24.0, 1920, 1080, has_sound=True, marks=(NOTE,))
RAIN = Clip("02-rain.mp4", "Rain", 5040, 24.0, 1280, 720, has_sound=False, marks=(Mark(0, 2000, "Good", "", True),))


def test_edl_has_an_event_a_clip_and_a_locator_a_comment() -> None:
    assert edl("Rushes", [DUSK, RAIN]).split("\r\n") == [
        "TITLE: Rushes",
        "FCM: NON-DROP FRAME",
        "",
        "001  AX       B     C        00:00:00:00 00:00:04:00 01:00:00:00 01:00:04:00",
        "* FROM CLIP NAME: 01-dusk walk.mp4",
        "* LOC: 01:00:01:12 RED     Ann: Slower here",
        "",
        "002  AX       V     C        00:00:00:00 00:00:05:01 01:00:04:00 01:00:09:01",
        "* FROM CLIP NAME: 02-rain.mp4",
        "* LOC: 01:00:04:00 GREEN   Good",
        "",
        "",
    ]


def test_fcpxml_places_the_clips_after_one_another() -> None:
    root = ET.fromstring(fcpxml("Rushes", [DUSK, RAIN]))  # noqa: S314 our own
    placed = root.findall(".//spine/asset-clip")
    assert [clip.get("offset") for clip in placed] == ["0/24s", "96/24s"]
    assert root.find(".//sequence").get("duration") == "217/24s"  # type: ignore[union-attr]
    assert [rep.get("src") for rep in root.iter("media-rep")] == ["./01-dusk%20walk.mp4", "./02-rain.mp4"]


def test_fcpxml_has_the_comments_as_markers() -> None:
    root = ET.fromstring(fcpxml("Rushes", [DUSK, RAIN]))  # noqa: S314 our own
    found = [(m.get("start"), m.get("duration"), m.get("value"), m.get("completed")) for m in root.iter("marker")]
    assert found == [("36/24s", "1/24s", "Ann: Slower here", "0"), ("0/24s", "48/24s", "Good", "1")]


@pytest.mark.parametrize(
    ("measured", "rate"), [(23.976023976, Fraction(24000, 1001)), (25.0, Fraction(25)), (None, 24)]
)
def test_measured_rate_is_told_exactly(measured: float | None, rate: Fraction) -> None:
    assert rate_of([Clip("a.mp4", "A", 1000, measured, 0, 0, has_sound=False)]) == rate


def test_timecode_counts_whole_frames() -> None:
    assert timecode(90, Fraction(24)) == "00:00:03:18"
    assert timecode(24 * 3600, Fraction(24000, 1001)) == "01:00:00:00"


@given(st.text(max_size=60), st.text(max_size=60), st.integers(0, 10**6))
def test_any_words_leave_both_lists_whole(title: str, said: str, at_ms: int) -> None:
    clip = Clip(f"{title}.mp4", title, 4000, 24.0, 640, 360, has_sound=True, marks=(Mark(at_ms, None, said, said),))
    assert len(ET.fromstring(fcpxml(title, [clip])).findall(".//marker")) == 1  # noqa: S314 our own
    lines = edl(title, [clip]).split("\r\n")
    assert (len(lines), edl(title, [clip]).splitlines()) == (8, lines[:-1])
