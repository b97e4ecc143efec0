"""The outermost boxes of an MP4/MOV file (ISO/IEC 14496-12, 4.2): whether they fill it. What is in them is not read.

A decoder is more tolerant than a file has any right to expect: it opens a film with an archive behind it, or with half
of its pictures gone. Both are found here before any decoder runs.
"""

import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from generations.media.errors import BadType, Truncated

KNOWN = frozenset(
    b"ftyp pdin moov moof mfra mdat free skip meta meco styp sidx ssix prft uuid emsg wide udta imda".split()
)
FIRST = frozenset((b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"))  # QuickTime films may lack ftyp
DISGUISES = (b"<html", b"<script", b"<!doctype", b"<svg", b"%pdf-", b"#extm3u", b"<mpd")
HEAD_BYTES = 1024
MAX_BOXES = 100_000


class Box(NamedTuple):
    kind: bytes
    start: int
    end: int


def check(file: BinaryIO, size_bytes: int) -> None:
    """Raises BadType when the file is no MP4/MOV or also something else, Truncated when it ends within a box."""
    file.seek(0)
    head = file.read(HEAD_BYTES)
    if len(head) < 8 or head[4:8] not in FIRST:
        raise BadType("not an MP4 file")
    if any(word in head.lower() for word in DISGUISES):
        raise BadType("another kind of file dressed as MP4")
    kinds = {box.kind for box in walk(file, size_bytes)}
    if not kinds >= {b"moov", b"mdat"}:
        raise Truncated("ends before its pictures or their index")


def walk(file: BinaryIO, size_bytes: int) -> Iterator[Box]:
    """The boxes in order; each ends where the next begins, the last at the end of the file."""
    start = count = 0
    while start < size_bytes:
        count += 1
        if count > MAX_BOXES:
            raise BadType("too many boxes")
        box = _box(file, start, size_bytes)
        yield box
        start = box.end


def _box(file: BinaryIO, start: int, size_bytes: int) -> Box:
    file.seek(start)
    head = file.read(16)
    if len(head) < 8:
        raise Truncated("ends within the head of a box")
    length, kind = struct.unpack(">I4s", head[:8])
    if length == 1:
        if len(head) < 16:
            raise Truncated("ends within the head of a box")
        (length,) = struct.unpack(">Q", head[8:])
    end = size_bytes if length == 0 else start + length
    _check_box(kind, length, end, size_bytes)
    return Box(kind, start, end)


def _check_box(kind: bytes, length: int, end: int, size_bytes: int) -> None:
    """A box of a kind that we do not know is left alone, as readers must, when it fits."""
    if kind not in KNOWN and (end > size_bytes or not all(0x20 <= letter < 0x7F or letter == 0xA9 for letter in kind)):
        raise BadType("bytes that belong to no box")
    if 0 < length < 8 or (length == 0 and kind != b"mdat"):
        raise BadType("a box of an impossible length")
    if end > size_bytes:
        raise Truncated("ends within a box")
