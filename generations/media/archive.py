"""Keeping a clip: checked, measured, hashed, stored once, its row and pictures made. Fetching it is not done here."""

import logging
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from generations.media import pictures, store
from generations.media.disk import free_space_ok, require_space, sweep_temp, temp_file
from generations.media.errors import BadType, DiskFull, MediaFault, ToolFailed, Truncated
from generations.media.models import Discarded, MediaFile
from generations.media.probe import Facts, probe

__all__ = [
    "BadType",
    "DiskFull",
    "MediaFault",
    "ToolFailed",
    "Truncated",
    "free_space_ok",
    "illustrate",
    "keep",
    "keep_made",
    "require_space",
    "sweep_temp",
    "temp_file",
]

logger = logging.getLogger(__name__)


def keep(
    path: Path, *, kind: MediaFile.Kind = MediaFile.Kind.VIDEO, motion: bool = True, facts: Facts | None = None
) -> MediaFile:
    """Keeps the clip at `path`; the same bytes are kept once, and keeping them again changes nothing.

    The bytes are stored and the row committed before a picture is made of them; a picture that cannot be made is left
    out. With `motion=False` only the poster is made and `illustrate` may follow. The file stays the caller's.
    `facts` are what `probe` said of this very file, for a caller who has asked it already.
    Raises BadType, Truncated, ToolFailed when it could not be measured, DiskFull,
    and RuntimeError inside a transaction.
    """
    require_space()
    sha256 = store.digest_of(path)
    name = store.name_of(sha256, ".mp4")
    columns = {} if _find(sha256) else _columns(path, kind, facts or probe(path)) | {"storage_name": name}
    store.put(name, path)
    media = _written(sha256, columns)
    if media is None:  # it was given up since it was found: it is new now
        return keep(path, kind=kind, motion=motion, facts=facts)
    _put_back(name, path)
    _draw(media, path, motion=motion)
    return media


@transaction.atomic
def _written(sha256: str, columns: dict[str, Any]) -> MediaFile | None:
    """The row, marked as kept just now, made of these columns if there is none; None when there are none either.

    With forgetting.py it is agreed that the row stands, and no Discarded beside it, once this has committed.
    """
    Discarded.objects.filter(sha256=sha256).delete()
    if not MediaFile.objects.filter(sha256=sha256).update(kept_at=timezone.now()):
        return MediaFile.objects.get_or_create(sha256=sha256, defaults=columns)[0] if columns else None
    return MediaFile.objects.get(sha256=sha256)


def _put_back(name: str, path: Path) -> None:
    """The file, if it was removed between our putting it there and our row."""
    if not default_storage.exists(name):
        store.put(name, path)


def keep_made(path: Path, *, ending: str, columns: dict[str, Any], poster: Path) -> MediaFile:
    """Keeps a checked image or sound under its hash, with its still. Raises DiskFull, RuntimeError as `keep`."""
    require_space()
    sha256 = store.digest_of(path)
    _find(sha256)
    name, still = store.name_of(sha256, ending), store.name_of(sha256, "-poster.webp")
    for stored, made in ((name, path), (still, poster)):
        store.put(stored, made)
    columns = columns | {"storage_name": name, "poster_name": still, "size_bytes": path.stat().st_size}
    media = _written(sha256, columns)
    if media is None:
        raise LookupError(sha256)
    for stored, made in ((name, path), (still, poster)):
        _put_back(stored, made)
    return media


def illustrate(media: MediaFile) -> None:
    """Makes the pictures that a kept clip still lacks. Raises RuntimeError inside a transaction."""
    kept = _find(media.sha256)
    if kept and not (kept.poster_name and kept.preview_name and kept.strip_name):
        with temp_file(".mp4") as path:
            store.get(kept.storage_name, path)
            _draw(kept, path, motion=True)


def _find(sha256: str) -> MediaFile | None:
    with transaction.atomic(durable=True):  # ffmpeg will run: refuse to be part of somebody's transaction
        return MediaFile.objects.filter(sha256=sha256).first()


def _columns(path: Path, kind: MediaFile.Kind, facts: Facts) -> dict[str, Any]:
    return {"kind": kind, "content_type": "video/mp4", "size_bytes": path.stat().st_size} | asdict(facts)


def _draw(media: MediaFile, path: Path, *, motion: bool) -> None:
    """Makes what is lacking and saves the names."""
    facts = _facts(media)
    if not media.poster_name:
        _attempt(media, _draw_poster, path, facts)
    if motion and not (media.preview_name and media.strip_name):
        _attempt(media, _draw_motion, path, facts)


def _attempt(media: MediaFile, draw: Callable[[str, Path, Facts], dict[str, str]], path: Path, facts: Facts) -> None:
    try:
        names = draw(media.sha256, path, facts)
    except (MediaFault, OSError) as error:
        logger.warning("%s of %s left out: %s", draw.__name__, media, error)
        return
    for field, name in names.items():
        setattr(media, field, name)
    media.save(update_fields=list(names))


def _draw_poster(sha256: str, path: Path, facts: Facts) -> dict[str, str]:
    with temp_file(".webp") as poster:
        pictures.make_poster(path, facts, poster)
        return {"poster_name": _stored(sha256, "-poster.webp", poster)}


def _draw_motion(sha256: str, path: Path, facts: Facts) -> dict[str, str]:
    with temp_file(".mp4") as preview, temp_file(".webp") as strip:
        pictures.make_preview_and_strip(path, facts, preview, strip)
        return {
            "preview_name": _stored(sha256, "-preview.mp4", preview),
            "strip_name": _stored(sha256, "-strip.webp", strip),
        }


def _stored(sha256: str, ending: str, path: Path) -> str:
    name = store.name_of(sha256, ending)
    store.put(name, path)
    return name


def _facts(media: MediaFile) -> Facts:
    return Facts(
        width_px=media.width_px or 0,
        height_px=media.height_px or 0,
        duration_ms=media.duration_ms or 0,
        frames_per_second=media.frames_per_second,
        video_codec=media.video_codec,
        audio_codec=media.audio_codec,
    )
