"""The guard: where connections are made. A name is resolved once, every answer is checked, and the connection
goes to a checked address: nothing resolves the name again, so no second answer can lead elsewhere.
"""

import socket
import ssl
import time
from collections.abc import Callable, Collection, Iterable
from typing import Any

import httpcore

from generations.net.addresses import is_public
from generations.net.errors import Forbidden, Unreachable

Resolver = Callable[[str, int], list[str]]
SocketOption = Any  # httpcore's own name for it is private


def resolve(host: str, port: int) -> list[str]:
    """All addresses of a host, in the system's order. Raises OSError when there is none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class GuardedBackend(httpcore.NetworkBackend):
    """Connects to public addresses, and to the (host, port) pairs of `allow` wherever they are.

    Everything ends at `ends_at` (time.monotonic): connecting, the handshake, each read and write.
    """

    def __init__(self, allow: Collection[tuple[str, int]], resolver: Resolver, ends_at: float) -> None:
        self._allow = allow
        self._resolver = resolver
        self._ends_at = ends_at
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore.NetworkStream:
        """Raises Forbidden, Unreachable, or what httpcore raises when no address answers."""
        fault: Exception = Unreachable(f"{host}: no address")
        for address in self._checked(host, port):
            left = _left(self._ends_at, timeout, httpcore.ConnectTimeout)
            try:
                stream = self._backend.connect_tcp(address, port, left, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as problem:
                fault = problem
            else:
                return TimedStream(stream, self._ends_at)
        raise fault

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[SocketOption] | None = None
    ) -> httpcore.NetworkStream:
        raise Forbidden("no sockets of this machine")

    def _checked(self, host: str, port: int) -> list[str]:
        try:
            addresses = self._resolver(host, port)
        except (OSError, UnicodeError):
            raise Unreachable(f"{host}: no such host") from None
        if (host.lower(), port) not in self._allow and not all(map(is_public, addresses)):
            raise Forbidden(f"{host}: not an address of the open internet")
        return addresses


class TimedStream(httpcore.NetworkStream):
    """A connection on which nothing takes longer than until `ends_at`."""

    def __init__(self, stream: httpcore.NetworkStream, ends_at: float) -> None:
        self._stream = stream
        self._ends_at = ends_at

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._ends_at, timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._ends_at, timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _left(self._ends_at, timeout, httpcore.ConnectTimeout)
        return TimedStream(self._stream.start_tls(ssl_context, server_hostname, left), self._ends_at)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(ends_at: float, timeout: float | None, fault: type[Exception]) -> float:
    left = ends_at - time.monotonic()
    if left <= 0:
        raise fault("past the deadline")
    return left if timeout is None else min(left, timeout)
