"""Bytes given up: the row first, the files after it; a file that is kept anew in the meantime stays.

Nobody asks who needs the bytes: whatever points to a media file protects it, and its row can't be deleted. Between the
row and the files stands a Discarded row, so that a kill leaves nothing behind: `sweep` goes on where it was. An upload
of the same bytes takes the Discarded row away in the transaction that makes its own row, and looks at its file again
after that (`archive.keep`): either it comes first, and the files stay, or last, and it puts them back.
"""

from __future__ import annotations

import datetime as dt
import logging

from django.db import transaction
from django.db.models import ProtectedError

from generations.media import plain, store
from generations.media.errors import MediaFault
from generations.media.models import Discarded, MediaFile

log = logging.getLogger(__name__)
KEPT_LATELY = dt.timedelta(days=1)  # whoever kept it may not have written down yet what for
FILES_A_TURN = 50


def forget(media_id: int, now: dt.datetime) -> bool:
    """Gives up the row, if nothing points to it and nobody kept these bytes lately; `sweep` removes the files."""
    with transaction.atomic():
        idle = MediaFile.objects.select_for_update().filter(pk=media_id, kept_at__lt=now - KEPT_LATELY).first()
        if idle is None:
            return False
        names = names_of(idle)
        try:
            idle.delete()
        except ProtectedError:
            return False
        Discarded.objects.update_or_create(sha256=idle.sha256, defaults={"names": names, "at": now})
    return True


def names_of(media: MediaFile) -> list[str]:
    """Everything that lies in the storage for it."""
    names = (media.storage_name, media.poster_name, media.preview_name, media.strip_name, plain.name_of(media))
    return [name for name in names if name]


def sweep() -> int:
    """Removes the files of what was given up; answers of how many. What can't be removed now is tried again."""
    return sum(_is_removed(pk) for pk in Discarded.objects.values_list("pk", flat=True)[:FILES_A_TURN])


def _is_removed(pk: int) -> bool:
    try:
        return _remove(pk)
    except (MediaFault, OSError) as problem:
        log.warning("the files of something given up could not be removed: %s", problem)
        return False


def _remove(pk: int) -> bool:
    """In one short transaction: an upload of the same bytes waits for it, or it for the upload."""
    with transaction.atomic():
        discarded = Discarded.objects.select_for_update().filter(pk=pk).first()
        if discarded is None:
            return False
        is_kept_again = MediaFile.objects.filter(sha256=discarded.sha256).exists()
        for name in [] if is_kept_again else discarded.names:
            store.remove(name)
        discarded.delete()
    return not is_kept_again
