"""Items put away: archived, deleted into the bin, restored; old ones by their project's policy; the bin emptied.

What is given up at the end are bytes. The job, its receipt, its money and its events stay as they are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from generations.accounts.models import User
from generations.gallery.collections import CollectionEntry
from generations.gallery.models import Item, Review, Shelf
from generations.gallery.shares import ShareLink
from generations.jobs.inputs import Input
from generations.jobs.models import Output
from generations.media import forgetting
from generations.media.models import Asset, MediaFile
from generations.projects.models import Project

BIN_LIFE = dt.timedelta(days=30)
ITEMS_A_TURN = 200
ORPHANS_WITHIN = dt.timedelta(days=7)

# where an item may be moved from
WAYS: dict[Shelf, Collection[Shelf]] = {
    Shelf.SHOWN: (Shelf.ARCHIVED, Shelf.BIN),
    Shelf.ARCHIVED: (Shelf.SHOWN,),
    Shelf.BIN: (Shelf.SHOWN, Shelf.ARCHIVED),
}


def move(item: Item, to: Shelf, actor: User, now: dt.datetime) -> bool:
    """Archives, deletes (into the bin) or restores; False when it lies there already, or is gone."""
    found = Item.objects.filter(pk=item.pk, shelf__in=WAYS[to])
    return bool(found.update(shelf=to, shelved_at=now, shelved_by=actor))


def retire(now: dt.datetime) -> int:
    """Puts into the bin what is older than its project keeps; approved, collected and shared items stay."""
    return sum(_retire(project, now) for project in Project.objects.filter(keep_days__isnull=False))


def _retire(project: Project, now: dt.datetime) -> int:
    old = now - dt.timedelta(days=project.keep_days or 0)
    items = _free(now).filter(project=project, shelf__in=WAYS[Shelf.BIN], created_at__lt=old)
    # one that a person has restored starts anew
    idle = items.exclude(review=Review.APPROVED).exclude(shelved_at__gte=old)
    found = list(idle.values_list("pk", flat=True)[:ITEMS_A_TURN])
    return Item.objects.filter(pk__in=found).update(shelf=Shelf.BIN, shelved_at=now, shelved_by=None)


def purge(now: dt.datetime) -> int:
    """Gives up what has lain in the bin for 30 days, and removes files that nobody needs any more."""
    due = _free(now).filter(shelf=Shelf.BIN, shelved_at__lte=now - BIN_LIFE)
    given_up = sum(_give_up(item, now) for item in due.select_related("output")[:ITEMS_A_TURN])
    for asset in Asset.objects.filter(deleted_at__lte=now - BIN_LIFE)[:ITEMS_A_TURN]:
        asset.delete()
        if asset.media_id:
            forgetting.forget(asset.media_id, now)
    for media_id in _orphans(now):
        forgetting.forget(media_id, now)
    forgetting.sweep()
    return given_up


def _orphans(now: dt.datetime) -> list[int]:
    """Files kept a while ago to which nothing points: a worker was killed, or they were still needed when asked for."""
    since, until = now - ORPHANS_WITHIN, now - forgetting.KEPT_LATELY
    pointing = [model.objects.filter(media=OuterRef("pk")) for model in (Output, Asset, Input)]
    kept = MediaFile.objects.filter(kept_at__gte=since, kept_at__lt=until)
    free = kept.filter(*(~Exists(each) for each in pointing))
    return list(free.values_list("pk", flat=True)[:ITEMS_A_TURN])


def _free(now: dt.datetime) -> QuerySet[Item]:
    """Items that stand in no collection and behind no live link."""
    collected = CollectionEntry.objects.filter(item=OuterRef("pk"))
    shared = ShareLink.objects.live(now).filter(item=OuterRef("pk"))
    return Item.objects.filter(~Exists(collected), ~Exists(shared))


def _give_up(item: Item, now: dt.datetime) -> bool:
    """One item, unless somebody restores it at this moment."""
    media_id = item.output.media_id
    with transaction.atomic():
        same = Item.objects.filter(pk=item.pk, shelf=Shelf.BIN, shelved_at=item.shelved_at)
        if not same.update(shelf=Shelf.GONE):
            return False
        Output.objects.filter(pk=item.output_id).update(media=None, archive_reason=Output.Reason.DELETED)
    if media_id:
        forgetting.forget(media_id, now)
    return True
