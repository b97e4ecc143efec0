"""FileServer: serves one file over HTTP as well or as badly as a test asks."""

import hashlib
import random
import re
import socket
from dataclasses import dataclass, field

from tests.net.puppet import answer

BODY = random.Random(7).randbytes(300_000)
SHA256 = hashlib.sha256(BODY).hexdigest()


@dataclass
class FileServer:
    """`cuts` are after how many bytes of the body each answer breaks off; when used up, answers are whole."""

    body: bytes = BODY
    etag: str = '"v1"'
    cuts: list[int] = field(default_factory=list)
    has_ranges: bool = True
    rest_etag: str | None = None
    rest_shift: int = 0
    ranges: list[int] = field(default_factory=list)

    def __call__(self, connection: socket.socket, request: bytes, number: int) -> None:
        asked = re.search(rb"\r\nRange: bytes=(\d+)-\r\n", request)
        start = int(asked[1]) if asked else 0
        self.ranges.append(start)
        said = self._rest(start) if asked and self._is_same(request) else self._whole()
        if self.cuts:
            head, gap, body = said.partition(b"\r\n\r\n")
            said = head + gap + body[: self.cuts.pop(0)]
        connection.sendall(said)

    def _is_same(self, request: bytes) -> bool:
        return self.has_ranges and f"\r\nIf-Range: {self.etag}\r\n".encode() in request

    def _whole(self) -> bytes:
        return answer(self.body, etag=self.etag, content_type="video/mp4")

    def _rest(self, start: int) -> bytes:
        start += self.rest_shift
        if start >= len(self.body):
            return answer(b"", "416 Range Not Satisfiable", content_range=f"bytes */{len(self.body)}")
        told = f"bytes {start}-{len(self.body) - 1}/{len(self.body)}"
        etag = self.etag if self.rest_etag is None else self.rest_etag
        return answer(self.body[start:], "206 Partial Content", content_range=told, etag=etag)
