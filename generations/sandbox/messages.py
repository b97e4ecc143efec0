"""A request and its answer, as the sandbox sees them: no sockets here."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generations.relay.wire import RelayError

BLOCK_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Header names in small letters."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Bytes of a file: `length_bytes` of them from `start`."""

    path: Path
    start: int
    length_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What is answered. `sent_bytes`: the body stops after so many and the connection closes; None is all of it.

    `is_lost`: nothing at all is answered and the connection closes. `stream` is a body that is made while it is sent.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | Slice = b""
    sent_bytes: int | None = None
    is_lost: bool = False
    stream: Iterator[bytes] | None = None

    @property
    def length_bytes(self) -> int:
        return self.body.length_bytes if isinstance(self.body, Slice) else len(self.body)

    def blocks(self) -> Iterator[bytes]:
        """The body as it is sent, cut where it is to be cut."""
        if self.stream is not None:
            yield from self.stream
            return
        left = self.length_bytes if self.sent_bytes is None else self.sent_bytes
        if isinstance(self.body, bytes):
            yield self.body[:left]
            return
        with self.body.path.open("rb") as file:
            file.seek(self.body.start)
            while left > 0 and (block := file.read(min(left, BLOCK_BYTES))):
                left -= len(block)
                yield block


class BrokenOff(Exception):
    """Raised by a `stream`: the connection closes in the middle of the body."""


class Complaint(Exception):
    """The relay's no to a request, in one of its two documented forms."""

    def __init__(self, status: int, code: str, message: str, *, of_task: bool = False) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.of_task = status, code, message, of_task

    def answer(self, headers: Mapping[str, str] | None = None) -> Response:
        error = RelayError(message=self.message, type=_TYPES.get(self.status, "api_error"), code=self.code)
        return as_json(error.to_json("task" if self.of_task else "error"), self.status, headers)


_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "invalid_request_error",
    429: "rate_limit_error",
}


def as_json(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    text = json.dumps(body, ensure_ascii=False).encode()
    return Response(status=status, headers={"Content-Type": "application/json", **(headers or {})}, body=text)


def as_page(status: int, title: str) -> Response:
    """A proxy's own page: not the relay that speaks."""
    page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>".encode()
    return Response(status=status, headers={"Content-Type": "text/html"}, body=page)
