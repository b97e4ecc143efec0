"""Bytes put aside whole: they came in an answer that comes only once, and are kept for good a moment later."""

import uuid
from pathlib import Path

from generations.media import store
from generations.media.disk import temp_file

FOLDER = "arrived"


def put(data: bytes) -> str:
    """Their name in the storage. Raises DiskFull, StorageDown, OSError."""
    name = f"{FOLDER}/{uuid.uuid4().hex}"
    with temp_file() as path:
        path.write_bytes(data)
        store.put(name, path)
    return name


def get(name: str, path: Path) -> None:
    """Raises FileNotFoundError, DiskFull, StorageDown."""
    store.get(name, path)


def drop(name: str) -> None:
    """They are kept now. Gone already is no error."""
    store.remove(name)
