"""Images of the library: written anew by a confined child (clean.py), checked, kept with a small copy."""

import json
import sys
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from generations.media import archive, child, rules
from generations.media.disk import temp_file
from generations.media.errors import BadType, ToolFailed
from generations.media.models import MediaFile

CLEAN = Path(__file__).with_name("clean.py")
LIMITS = child.Limits(deadline_seconds=60, cpu_seconds=40, memory_bytes=2 * 1024**3)
ENDINGS = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp"}


def keep(path: Path) -> MediaFile:
    """Keeps the pixels of the image at `path`, and nothing else of it. Raises Refused, ToolFailed, DiskFull."""
    with temp_file() as cleaned, temp_file(".webp") as small:
        found = _cleaned(path, cleaned, small)
        return keep_clean(cleaned, small, found)


def keep_made(path: Path) -> MediaFile:
    """Keeps what a model made: cleaned as any other image, whatever its sides. Raises BadType, ToolFailed, DiskFull."""
    with temp_file() as cleaned, temp_file(".webp") as small:
        try:
            found = _cleaned(path, cleaned, small)
        except rules.Refused as refused:
            raise BadType(refused.said) from refused
        return _keep(cleaned, small, found)


def keep_clean(picture: Path, small: Path, found: dict[str, Any]) -> MediaFile:
    """Keeps a picture that a child of ours wrote; `found`: its content_type, width_px, height_px. Raises as `keep`."""
    rules.check_sides(found["width_px"], found["height_px"])
    rules.check_size(MediaFile.Kind.IMAGE, picture.stat().st_size)
    return _keep(picture, small, found)


def _keep(picture: Path, small: Path, found: dict[str, Any]) -> MediaFile:
    ending = ENDINGS[found["content_type"]]
    return archive.keep_made(picture, ending=ending, columns={"kind": MediaFile.Kind.IMAGE} | found, poster=small)


def _cleaned(path: Path, cleaned: Path, small: Path) -> dict[str, Any]:
    command = [sys.executable, "-I", str(CLEAN), *(str(place.resolve()) for place in (path, cleaned, small))]
    return read(child.run(command, LIMITS))


def read(ended: child.Ended) -> dict[str, Any]:
    """What a picture child found. Raises Refused, ToolFailed."""
    if ended.status < 0:  # a crash, or out of CPU seconds: only a file made for it does that
        raise rules.broken()
    if ended.status > 0:
        raise ToolFailed(f"reading an image failed: {ended.complaint[-500:]}")
    found: dict[str, Any] = json.loads(ended.output)
    match found.get("wrong"):
        case None:
            return found
        case "pixels":
            raise rules.too_many_pixels(found["width_px"], found["height_px"])
        case "moving":
            raise rules.Refused(rules.Rule.MOVING, _("Moving images are not taken: send a still, or a video."))
        case "type":
            raise rules.not_kept()
        case _:
            raise rules.broken()
