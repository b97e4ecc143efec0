"""The gate that bytes pass as they arrive: what their first ones claim to be, and how many that kind may have.

The claim is believed no further than this: decoding decides (uploads.py). File names are not looked at.
"""

from generations.media import rules
from generations.media.boxes import FIRST
from generations.media.models import MediaFile

Kind = MediaFile.Kind
HEAD_BYTES = 16
STILLS_IN_BOXES = (b"hei", b"hev", b"mif", b"msf", b"avi", b"jp2", b"jpx", b"crx", b"m4a", b"m4b")  # brands, begun


class Gate:
    """`take` every piece in turn, then `close`. Both raise Refused."""

    def __init__(self) -> None:
        self.kind: MediaFile.Kind | None = None
        self.size_bytes = 0
        self._head = b""

    def take(self, piece: bytes) -> None:
        self.size_bytes += len(piece)
        if self.kind is None:
            self._head = (self._head + piece)[:HEAD_BYTES]
            self._look(is_whole=False)
        if self.kind is not None:
            rules.check_size(self.kind, self.size_bytes)

    def close(self) -> None:
        if self.kind is None:
            self._look(is_whole=True)

    def _look(self, *, is_whole: bool) -> None:
        if len(self._head) == HEAD_BYTES or is_whole:
            self.kind = claimed(self._head)
            if self.kind is None:
                raise rules.not_kept()


def claimed(head: bytes) -> MediaFile.Kind | None:
    """The kind that the first 16 bytes speak for."""
    if head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")) or _is_riff(head, b"WEBP"):
        return Kind.IMAGE
    if head[4:8] in FIRST and not (head[4:8] == b"ftyp" and head[8:11].lower() in STILLS_IN_BOXES):
        return Kind.VIDEO
    if head.startswith(b"ID3") or _is_mpeg_frame(head) or _is_riff(head, b"WAVE"):
        return Kind.AUDIO
    return None


def _is_riff(head: bytes, form: bytes) -> bool:
    return head.startswith(b"RIFF") and head[8:12] == form


def _is_mpeg_frame(head: bytes) -> bool:
    """Eleven bits of sync, then layer III."""
    return len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2
