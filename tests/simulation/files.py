"""Bytes of results over httpcore without a socket: a network backend in memory, and how a file can be served badly."""

from __future__ import annotations

import io
import random
import re
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import httpcore

Serve = Callable[[str, dict[str, str]], "Answer"]


@dataclass
class Answer:
    """An HTTP answer as it goes over the line. `length` may lie; `is_stalled`: the line falls silent after the body."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None
    is_stalled: bool = False

    def raw(self) -> bytes:
        length = len(self.body) if self.length is None else self.length
        lines = [f"HTTP/1.1 {self.status} Said", f"Content-Length: {length}", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


def served(clip: bytes, fault: str, headers: dict[str, str], rng: random.Random) -> Answer:
    """The clip, whole or from where it is asked for, with this fault."""
    match fault:
        case "gone":
            return Answer(rng.choice((403, 404, 410)), b"gone")
        case "own_500":
            return Answer(500, b"oops")
        case "html":
            return Answer(200, b"<html><body>Please sign in to go on</body></html>")
        case "short":
            return Answer(200, clip[: len(clip) * 2 // 3])
        case "too_long_said":
            return Answer(200, b"", length=10**12)
        case "no_connection":
            raise httpcore.ConnectError("refused")
    start = _start(headers) if headers.get("if-range", "") in ("", _etag(clip)) else 0
    rest = clip[start:]
    told = {"ETag": _etag(clip), "Content-Type": "video/mp4"}
    if start:
        told["Content-Range"] = f"bytes {start}-{len(clip) - 1}/{len(clip)}"
    cut = rng.randrange(len(rest)) if fault in ("cut", "stalled") and rest else len(rest)
    return Answer(206 if start else 200, rest[:cut], told, len(rest), is_stalled=fault == "stalled")


def _start(headers: dict[str, str]) -> int:
    found = re.fullmatch(r"bytes=(\d+)-", headers.get("range", ""))
    return int(found[1]) if found else 0


def _etag(clip: bytes) -> str:
    return f'"{len(clip)}"'


class MemoryBackend(httpcore.NetworkBackend):
    """Every connection leads to `serve(path, headers)`."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        return _Line(self._serve)

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        raise httpcore.ConnectError("no such thing here")


class _Line(httpcore.NetworkStream):
    def __init__(self, serve: Serve) -> None:
        self._serve = serve
        self._asked = bytearray()
        self._coming: io.BytesIO | None = None
        self._is_stalled = False

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if self._coming is not None:
            self._coming, self._asked = None, bytearray()
        self._asked += buffer

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._coming is None:
            answer = self._serve(*_parsed(bytes(self._asked)))
            self._coming, self._is_stalled = io.BytesIO(answer.raw()), answer.is_stalled
        piece = self._coming.read(max_bytes)
        if not piece and self._is_stalled:
            raise httpcore.ReadTimeout("silence")
        return piece

    def close(self) -> None:
        self._asked.clear()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return self

    def get_extra_info(self, info: str) -> Any:
        return None


def _parsed(raw: bytes) -> tuple[str, dict[str, str]]:
    first, *lines = raw.decode("latin-1").split("\r\n")
    pairs = (line.partition(": ") for line in lines if line)
    return first.split(" ")[1], {name.lower(): value for name, _, value in pairs}
