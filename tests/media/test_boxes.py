"""The outermost boxes: any bytes at all end in a verdict, and a cut film is never taken for whole."""

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generations.media import boxes
from generations.media.errors import BadType, Truncated


def box(kind: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def wide_box(kind: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I4sQ", 1, kind, 16 + len(content)) + content


FILM = box(b"ftyp", b"isom") + box(b"moov", bytes(60)) + box(b"mdat", bytes(300))


def check(content: bytes) -> None:
    boxes.check(io.BytesIO(content), len(content))


@pytest.mark.parametrize(
    "film",
    [
        FILM,
        box(b"ftyp", b"isom") + box(b"free") + wide_box(b"mdat", bytes(9)) + box(b"moov"),
        box(b"wide") + box(b"mdat", bytes(9)) + box(b"moov"),
        box(b"ftyp") + box(b"moov") + b"\x00\x00\x00\x00mdat" + bytes(50),
        FILM + box(b"xYz1", b"left alone"),
        FILM + box(b"\xa9too", b"left alone"),
    ],
)
def test_check_takes_well_formed_films(film: bytes) -> None:
    check(film)


@pytest.mark.parametrize(
    "film",
    [
        FILM + bytes(40),
        FILM + b"PK\x03\x04\x14\x00\x00\x00" + bytes(40),
        FILM + b"<html><body>",
        FILM + b"\x00\x00\x00\x04free",
        FILM + b"\x00\x00\x00\x00free",
        wide_box(b"ftyp") + wide_box(b"moov").replace(b"\x10", b"\x05"),
        box(b"ftyp", b"%PDF-1.7") + FILM,
        box(b"ftyp") + box(b"free") * 100_001,
    ],
)
def test_check_refuses_other_bytes(film: bytes) -> None:
    with pytest.raises(BadType):
        check(film)


@given(st.integers(8, len(FILM) - 1))
def test_check_finds_every_cut(length: int) -> None:
    with pytest.raises(Truncated):
        check(FILM[:length])


@pytest.mark.parametrize("film", [box(b"ftyp"), box(b"ftyp") + box(b"mdat", b"x"), box(b"ftyp") + box(b"moov", b"x")])
def test_check_finds_a_cut_between_boxes(film: bytes) -> None:
    with pytest.raises(Truncated):
        check(film)


@pytest.mark.parametrize("rest", [b"\x00\x00\x00", b"\x00\x00\x00\x01mdat\x00\x00"])
def test_check_finds_a_cut_within_the_head_of_a_box(rest: bytes) -> None:
    with pytest.raises(Truncated):
        check(FILM + rest)


@given(st.binary(max_size=80), st.integers(0, len(FILM)))
def test_check_gives_a_verdict_on_anything(noise: bytes, place: int) -> None:
    try:
        check(FILM[:place] + noise + FILM[place:])
    except (BadType, Truncated):
        return
