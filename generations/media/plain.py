"""A copy of a kept clip without metadata, for projects that wish it: the same frames, made once, kept beside it."""

from __future__ import annotations

from django.core.files.storage import default_storage

from generations.media import ffmpeg, store
from generations.media.child import Limits
from generations.media.disk import temp_file
from generations.media.ffmpeg import Target
from generations.media.models import MediaFile

LIMITS = Limits(deadline_seconds=60, cpu_seconds=60, file_bytes=1024**3)
COPY = (
    *("-map", "0:V:0", "-map", "0:a:0?", "-c", "copy", "-map_chapters", "-1"),
    *("-fflags", "+bitexact", "-flags", "+bitexact", "-movflags", "+faststart", "-f", "mp4"),
)


def name_of(media: MediaFile) -> str:
    """Where it lies, once it is made."""
    return store.name_of(media.sha256, f"-plain.{media.extension}")


def copy_of(media: MediaFile) -> str:
    """The name in the storage of the copy, made now if there is none. Raises ToolFailed, DiskFull.

    Of an image it is its own: images were written anew, without metadata, when they were kept.
    """
    if media.kind != MediaFile.Kind.VIDEO:
        return media.storage_name
    name = name_of(media)
    if not default_storage.exists(name):
        with temp_file(f".{media.extension}") as source, temp_file(f".{media.extension}") as target:
            store.get(media.storage_name, source)
            ffmpeg.run(source, Target(target, COPY), with_sound=True, limits=LIMITS)
            store.put(name, target)
    return name
