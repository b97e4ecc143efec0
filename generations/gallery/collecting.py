"""Collections made, filled, put in order and shared with the team. Who may do so: `may_edit`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import BigIntegerField, Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from generations.accounts.models import User
from generations.gallery.collections import Collection, CollectionEntry
from generations.gallery.models import Item, Shelf
from generations.projects.models import Project, Role

MOST_ITEMS = 500
STEPS = {"up": -1, "down": 1, "first": -MOST_ITEMS, "last": MOST_ITEMS}
Sharing = Collection.Sharing


class TooMany(Exception):
    """A collection holds at most MOST_ITEMS; nothing was added."""


def may_edit(collection: Collection, user: User) -> bool:
    """Its owner, admins, and of a project's collection the members."""
    if collection.owner_id == user.pk or user.is_admin:
        return user.is_active
    role = collection.project.role_of(user) if collection.project else None
    return role is not None and role.covers(Role.MEMBER)


def editable_by(user: User) -> list[Collection]:
    return [one for one in Collection.objects.visible_to(user).select_related("project") if may_edit(one, user)]


def items_of(collection: Collection, user: User) -> list[Item]:
    """Its items in order: those that this person sees, without the deleted."""
    seen = Item.objects.visible_to(user).exclude(shelf=Shelf.BIN).filter(entries__collection=collection)
    return list(seen.for_tile().order_by("entries__position", "entries__pk"))


def counted(collections: QuerySet[Collection]) -> QuerySet[Collection]:
    """With `count`, how many of their items lie in no bin, and `face`, the item of their cover or their first."""
    lies = ~Q(entries__item__shelf__in=(Shelf.BIN, Shelf.GONE))
    first = CollectionEntry.objects.filter(collection=OuterRef("pk")).order_by("position", "pk").values("item")[:1]
    faced = collections.annotate(
        count=Count("entries", filter=lies), face=Coalesce("cover_id", Subquery(first), output_field=BigIntegerField())
    )
    return faced.select_related("owner", "project")


def faces_of(collections: Iterable[Collection], user: User) -> dict[int, Item]:
    """The pictures of `counted` collections by their item's key: those that this person may see."""
    wanted = [one.face for one in collections]  # type: ignore[attr-defined]
    return {item.pk: item for item in Item.objects.visible_to(user).for_tile().filter(pk__in=wanted)}


def create(name: str, owner: User, now: dt.datetime, *, project: Project | None = None) -> Collection:
    """One's own, or with `project` that project's."""
    sharing = Sharing.PROJECT if project else Sharing.OWN
    return Collection.objects.create(name=name, owner=owner, sharing=sharing, project=project, created_at=now)


def change(collection: Collection, name: str, sharing: Collection.Sharing, project: Project | None) -> None:
    """Names it and says who else sees it; `project` only for Sharing.PROJECT."""
    collection.name, collection.sharing = name, sharing
    collection.project = project if sharing == Sharing.PROJECT else None
    collection.save(update_fields=["name", "sharing", "project"])


def add(collection: Collection, items: Iterable[Item], user: User, now: dt.datetime) -> int:
    """Puts at the end what is new of these; how many that were. Raises TooMany."""
    with transaction.atomic():
        entries = _entries(collection)
        known = {entry.item_id for entry in entries}
        new = [item for item in items if item.pk not in known]
        if len(entries) + len(new) > MOST_ITEMS:
            raise TooMany
        start = entries[-1].position + 1 if entries else 0
        CollectionEntry.objects.bulk_create(
            CollectionEntry(collection=collection, item=item, position=start + at, added_by=user, added_at=now)
            for at, item in enumerate(new)
        )
    return len(new)


def remove(collection: Collection, item: Item) -> None:
    with transaction.atomic():
        _entries(collection)
        CollectionEntry.objects.filter(collection=collection, item=item).delete()
        Collection.objects.filter(pk=collection.pk, cover=item).update(cover=None)


def move(collection: Collection, item: Item, step: str) -> None:
    """up, down, first or last; at the end of the row nothing moves."""
    with transaction.atomic():
        entries = _entries(collection)
        at = next((place for place, entry in enumerate(entries) if entry.item_id == item.pk), None)
        if at is None:
            return
        entry = entries.pop(at)
        entries.insert(max(0, min(at + STEPS[step], len(entries))), entry)
        for position, each in enumerate(entries):
            each.position = position
        CollectionEntry.objects.bulk_update(entries, ["position"])


def set_cover(collection: Collection, item: Item) -> None:
    if collection.entries.filter(item=item).exists():
        Collection.objects.filter(pk=collection.pk).update(cover=item)


def _entries(collection: Collection) -> list[CollectionEntry]:
    """In order, and nobody else changes them until the transaction ends."""
    Collection.objects.select_for_update().get(pk=collection.pk)
    return list(CollectionEntry.objects.filter(collection=collection))


def delete(collection: Collection, now: dt.datetime) -> None:
    """Nobody finds it any more, by no link either; its items stay."""
    Collection.objects.filter(pk=collection.pk, deleted_at=None).update(deleted_at=now)
