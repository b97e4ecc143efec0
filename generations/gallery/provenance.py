"""Where a kept file comes from: whether it carries content credentials (C2PA), which downloads keep as they came."""

from __future__ import annotations

from typing import Any

from django.core.files.storage import default_storage

from generations.media import store
from generations.media.models import MediaFile

C2PA_BOX = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")  # the uuid box of C2PA 2.1, 11.3.2 in MP4 and MOV
MOST_BOXES = 64


def has_credentials(media: MediaFile) -> bool | None:
    """Whether a manifest is in the file; its signature is not judged. None: it was not looked for."""
    if media.kind != MediaFile.Kind.VIDEO:
        return False  # images are written anew when they are kept
    if store.is_bucket():
        return None
    try:
        with default_storage.open(media.storage_name, "rb") as file:
            return _in_boxes(file)
    except OSError:
        return None


def _in_boxes(file: Any) -> bool:
    """Looks at the heads of the outermost boxes only."""
    at = 0
    for _box in range(MOST_BOXES):
        file.seek(at)
        head = file.read(32)
        if len(head) < 8:
            return False
        size, kind, used = int.from_bytes(head[:4]), head[4:8], 8
        if size == 1:
            size, used = int.from_bytes(head[8:16]), 16
        if kind == b"uuid" and head[used : used + 16] == C2PA_BOX:
            return True
        if size < used:  # 0: to the end; else broken
            return False
        at += size
    return False
