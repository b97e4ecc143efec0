"""Files put into Django's storage under names made from their hash. No table is touched here: archive.py makes rows."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.core.files import File
from django.core.files.storage import FileSystemStorage, default_storage

from generations.media.disk import disk_full_named, temp_file
from generations.media.errors import MediaFault, StorageDown

BLOCK_BYTES = 1024 * 1024


def digest(file: IO[bytes] | File[bytes]) -> str:
    """The sha256 of what is left to read, in hex."""
    hashed = hashlib.sha256()
    while block := file.read(BLOCK_BYTES):
        hashed.update(block)
    return hashed.hexdigest()


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return digest(file)


def name_of(sha256: str, ending: str) -> str:
    """media/ab/ab12….mp4 for ".mp4", media/ab/ab12…-poster.webp for "-poster.webp"."""
    return f"media/{sha256[:2]}/{sha256}{ending}"


def put(name: str, path: Path) -> None:
    """Makes the storage hold these bytes under this name, whole or not at all; what lies there already is adopted.

    The file stays its owner's. Raises DiskFull, StorageDown.
    """
    with _trouble_named():
        _put(name, path)


def _put(name: str, path: Path) -> None:
    if default_storage.exists(name):
        if holds(name, path):
            return
        default_storage.delete(name)  # half a copy, left by a crash between two disks
    with temp_file(path.suffix) as copy:
        _copy(path, copy)
        with _Movable(copy) as content:
            saved = default_storage.save(name, content)
        if saved != name:  # somebody else was faster
            default_storage.delete(saved)
        _sync_directories(name)


def get(name: str, path: Path) -> None:
    """Copies what the storage has under this name to `path`. Raises FileNotFoundError, DiskFull, StorageDown."""
    with _trouble_named(), default_storage.open(name, "rb") as kept, path.open("wb") as copy:
        shutil.copyfileobj(kept, copy, BLOCK_BYTES)


def remove(name: str) -> None:
    """Gone already is no error. Raises StorageDown."""
    with _trouble_named():
        default_storage.delete(name)


def holds(name: str, path: Path) -> bool:
    """Whether the storage has exactly these bytes under this name."""
    try:
        if default_storage.size(name) != path.stat().st_size:
            return False
        with default_storage.open(name, "rb") as file:
            return digest(file) == digest_of(path)
    except FileNotFoundError:
        return False


def is_bucket() -> bool:
    """Whether the bytes lie in a bucket, which browsers read by themselves."""
    return hasattr(default_storage, "bucket_name")


@contextmanager
def _trouble_named() -> Iterator[None]:
    """A full disk raises DiskFull; whatever a bucket's client says, StorageDown."""
    try:
        with disk_full_named():
            yield
    except (OSError, MediaFault):
        raise
    except Exception as error:
        if is_bucket():
            raise StorageDown(str(error)) from error
        raise


class _Movable(File):  # type: ignore[type-arg]
    """A file on disk that a storage on the same disk moves into place at once; any other storage reads it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path.open("rb"), name=path.name)
        self._path = path

    def temporary_file_path(self) -> str:
        return str(self._path)


def _copy(path: Path, copy: Path) -> None:
    """The same bytes, safe on the disk."""
    shutil.copyfile(path, copy)
    with copy.open("rb") as file:
        os.fsync(file.fileno())


def _sync_directories(name: str) -> None:
    """After a power cut the name must be there if the row is. Other storages see to that themselves."""
    if isinstance(default_storage, FileSystemStorage):
        folder = Path(default_storage.path(name)).parent
        for directory in (folder, folder.parent):
            descriptor = os.open(directory, os.O_RDONLY)
            os.fsync(descriptor)
            os.close(descriptor)
