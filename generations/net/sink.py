"""Sink: a file that bytes from the network go into, counted, hashed, capped. Knows no network."""

import contextlib
import errno
import hashlib
import io
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from generations.net.errors import DiskFull, TooLarge

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextlib.contextmanager
def opened(to: BinaryIO | Path) -> Iterator[BinaryIO]:
    """A file to write into; one given as a path is made here, and is on the disk when this ends well."""
    if not isinstance(to, Path):
        yield to
        return
    with to.open("wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


class Sink:
    """Takes bytes in order. `spare_bytes` are left free on the disk."""

    def __init__(self, file: BinaryIO, max_bytes: int, spare_bytes: int) -> None:
        self._file = file
        self._max_bytes = max_bytes
        self._spare_bytes = spare_bytes
        self._hash = hashlib.sha256()
        self.size_bytes = 0

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def restart(self) -> None:
        """Forget everything that came."""
        self._file.seek(0)
        self._file.truncate()
        self._hash = hashlib.sha256()
        self.size_bytes = 0

    def expect(self, more_bytes: int) -> None:
        """Raises TooLarge or DiskFull when that many more have no room."""
        self._check_length(more_bytes)
        with contextlib.suppress(io.UnsupportedOperation):
            free_bytes = shutil.disk_usage(self._file.fileno()).free
            if free_bytes < more_bytes + self._spare_bytes:
                raise DiskFull(f"{free_bytes} bytes free, {more_bytes} to come")

    def write(self, piece: bytes) -> None:
        """Raises TooLarge or DiskFull; nothing of the piece counts then."""
        self._check_length(len(piece))
        try:
            self._file.write(piece)
        except OSError as fault:
            if fault.errno in NO_ROOM:
                raise DiskFull("the disk is full") from None
            raise
        self._hash.update(piece)
        self.size_bytes += len(piece)

    def _check_length(self, more_bytes: int) -> None:
        if self.size_bytes + more_bytes > self._max_bytes:
            raise TooLarge(f"longer than {self._max_bytes} bytes")
