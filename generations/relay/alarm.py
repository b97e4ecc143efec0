"""Alarm: breaks a connection when its time is up, whatever it is waiting for. httpx's own timeouts are per read."""

import contextlib
import socket
import threading
from types import TracebackType
from typing import Any, Self

CONNECTED = ("connection.connect_tcp.complete", "connection.start_tls.complete")


class Alarm:
    """Give `trace` to a request as the extension of that name, and make the request inside the context."""

    def __init__(self, seconds: float) -> None:
        self._timer = threading.Timer(seconds, self._ring)
        self._timer.daemon = True
        self._socket: socket.socket | None = None
        self.has_rung = False

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()

    def trace(self, event: str, info: dict[str, Any]) -> None:
        """Learns from httpcore which socket the request has."""
        if event in CONNECTED:
            self._socket = info["return_value"].get_extra_info("socket")
            if self.has_rung:
                self._break()

    def _ring(self) -> None:
        self.has_rung = True
        self._break()

    def _break(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):  # it is closed already
                self._socket.shutdown(socket.SHUT_RDWR)
