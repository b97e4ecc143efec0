"""Puppet: a little TCP server on loopback that does to each connection what a test tells it, good or bad."""

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self


class Puppet:
    """`play(connection, request, number)` is called for every request; the connection closes when it returns.

    `requests` are the requests as they came, `connections` counts who connected.
    """

    def __init__(self, play: Callable[[socket.socket, bytes, int], None], tls: ssl.SSLContext | None = None) -> None:
        self._play = play
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.requests: list[bytes] = []
        self.connections = 0
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._meet, args=(connection, self.connections), daemon=True).start()

    def _meet(self, connection: socket.socket, number: int) -> None:
        with contextlib.suppress(OSError), connection:
            connection.settimeout(5)
            with self._tls.wrap_socket(connection, server_side=True) if self._tls else connection as spoken:
                if request := heard(spoken):
                    self.requests.append(request)
                    self._play(spoken, request, number)


def heard(connection: socket.socket) -> bytes:
    """One whole request; empty when the other side went away."""
    data = b""
    while b"\r\n\r\n" not in data or len(data) < _whole(data):
        piece = connection.recv(65_536)
        if not piece:
            return b""
        data += piece
    return data


def _whole(data: bytes) -> int:
    head, _, _ = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    return len(head) + 4 + length


def answer(body: bytes, status: str = "200 OK", **headers: str) -> bytes:
    """An HTTP answer; header names with _ for -. `content_length` may lie."""
    told = {"content_length": str(len(body)), "content_type": "application/json", **headers}
    lines = [f"HTTP/1.1 {status}", *(f"{name.replace('_', '-')}: {value}" for name, value in told.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def reset(connection: socket.socket) -> None:
    """Close with a RST instead of a FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
