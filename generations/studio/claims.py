"""What one studio alone may hold: its data directory and its ports. Refusals are one clear line."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
from pathlib import Path
from typing import IO


class Taken(Exception):
    """Another holds it; the text is the line to show."""


def claim_data(data_dir: Path) -> IO[str]:
    """Holds the directory for as long as the answered file is open. Raises Taken when a studio runs on it."""
    path = data_dir / "run" / "studio.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.seek(0)
        holder = file.read().strip() or "unknown"
        file.close()
        raise Taken(f"a studio already runs on {data_dir} (process {holder}).") from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def check_port(host: str, port: int, setting: str) -> None:
    """Raises Taken when this address can't be listened on."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _name, address in found:
            _try_listening(family, kind, protocol, address)
    except OSError as error:
        raise Taken(_line(error, host, port, setting)) from None


def _try_listening(family: int, kind: int, protocol: int, address: tuple[object, ...]) -> None:
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        probe.bind(address)
        probe.listen(1)


def _line(error: OSError, host: str, port: int, setting: str) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is taken; stop what listens there, or set {setting} to another."
    if error.errno in {errno.EACCES, errno.EPERM}:
        return f"port {port} may not be listened on by this user; set {setting} to one above 1023."
    return f"{host}:{port} can't be listened on: {error.strerror}."
