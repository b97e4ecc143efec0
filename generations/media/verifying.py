"""The archive read again, byte by byte: what is missing, and what is not what it was."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.files.storage import default_storage

from generations.media import store
from generations.media.models import MediaFile


def problems(media: MediaFile) -> Iterator[str]:
    """What is wrong with the file and its pictures; nothing while all is as it was kept."""
    if wrong := _wrong(media):
        yield f"{media.storage_name}: {wrong}"
    for name in filter(None, (media.poster_name, media.preview_name, media.strip_name)):
        if not default_storage.exists(name):
            yield f"{name}: missing; it can be made again from the clip"


def _wrong(media: MediaFile) -> str:
    try:
        size_bytes = default_storage.size(media.storage_name)
        with default_storage.open(media.storage_name, "rb") as file:
            sha256 = store.digest(file)
    except FileNotFoundError:
        return "missing"
    except OSError as problem:
        return f"can not be read: {problem}"
    if size_bytes != media.size_bytes:
        return f"altered: {size_bytes} bytes instead of {media.size_bytes}"
    return "" if sha256 == media.sha256 else "altered: other bytes than were kept"
