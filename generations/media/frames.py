"""One frame of a kept clip as a kept image: exactly the one that a paused player shows."""

import math
import sys
from pathlib import Path

from generations.media import child, images, store
from generations.media.disk import temp_file
from generations.media.models import MediaFile

STILL = Path(__file__).with_name("still.py")
LIMITS = child.Limits(deadline_seconds=60, cpu_seconds=90)


class NoSuchFrame(Exception):
    """The file is no clip, or the time does not lie in it."""


def frame_at(media: MediaFile, seconds: float) -> MediaFile:
    """The frame shown when the clip is paused at `seconds`, without loss; the same frame is kept once.

    Raises NoSuchFrame, rules.Refused (a clip too small for a reference), ToolFailed, DiskFull, FileNotFoundError.
    """
    if media.kind != MediaFile.Kind.VIDEO or not math.isfinite(seconds):
        raise NoSuchFrame(f"{media} has no frames")
    if not 0 <= seconds <= (media.duration_ms or 0) / 1000 + 1:
        raise NoSuchFrame(f"{seconds:.3f} s lies outside of {media}")
    with temp_file(".mp4") as clip, temp_file(".png") as picture, temp_file(".webp") as small:
        store.get(media.storage_name, clip)
        command = [sys.executable, "-I", str(STILL), str(clip), f"{seconds:.6f}", str(picture), str(small)]
        found = images.read(child.run(command, LIMITS))
        found.pop("at_ms")
        return images.keep_clean(picture, small, found)
