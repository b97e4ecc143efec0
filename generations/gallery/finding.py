"""Items found: by filters, sorted and paged by key, so that a page costs the same however many there are.

Each step reads ids from one index first, and the rows of one page after that. Sight is applied to both. Words are
looked up in finding_words.py.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import F, Q, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from generations.accounts.models import User
from generations.catalog.models import VideoModel
from generations.gallery.collections import Collection
from generations.gallery.models import Item, Review, Shelf
from generations.gallery.query import Query
from generations.media.models import MediaFile
from generations.projects.models import Project

MOST_PARTS = 100  # projects whose indexes are read one by one


class Sort(TextChoices):
    NEW = "new", _("Newest first")
    RATING = "rating", _("Best rated")
    COST = "cost", _("Dearest first")
    MATCH = "match", _("Best match")


class Length(TextChoices):
    SHORT = "short", _("Up to 5 s")
    MEDIUM = "medium", _("6 to 10 s")
    LONG = "long", _("Over 10 s")


KEYS = {Sort.NEW: "created_at", Sort.RATING: "rating_hundredths", Sort.COST: "cost_micros"}
LENGTHS = {Length.SHORT: (1, 5), Length.MEDIUM: (6, 10), Length.LONG: (11, 32767)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody looks for; `user` is who looks."""

    user: User
    query: Query = field(default_factory=Query)
    project: Project | None = None
    person: User | None = None
    model: VideoModel | None = None
    kind: MediaFile.Kind | None = None
    ratio: str = ""
    resolution: str = ""
    length: Length | None = None
    first: dt.date | None = None
    last: dt.date | None = None
    review: Review | None = None
    stars: int = 0  # at least
    collection: Collection | None = None
    is_favourite: bool = False  # of the person who looks
    is_commented: bool = False
    has_sound: bool | None = None
    shelf: Shelf = Shelf.SHOWN
    sort: Sort = Sort.NEW

    @property
    def has_own_index(self) -> bool:
        """Whether an index leads straight to what is wanted, over all projects."""
        rare = (self.person, self.model, self.review, self.is_commented, self.collection, self.is_favourite)
        return any(rare)

    def conditions(self) -> Q:
        """Everything but sight and words."""
        found = Q(shelf=self.shelf)
        for condition in self._conditions():
            found &= condition
        return found

    def _conditions(self) -> list[Q]:
        plain: dict[str, Any] = {"project": self.project, "user": self.person, "model": self.model, "kind": self.kind}
        plain |= {"ratio": self.ratio, "resolution": self.resolution, "has_sound": self.has_sound}
        found = [Q(**{name: value}) for name, value in plain.items() if value not in (None, "")]
        if self.review is not None:
            found.append(Q(review=self.review))
        if self.length:
            found.append(Q(seconds__range=LENGTHS[self.length]))
        if self.first:
            found.append(Q(created_at__gte=_midnight(self.first)))
        if self.last:
            found.append(Q(created_at__lt=_midnight(self.last) + dt.timedelta(days=1)))
        found += [Q(rating_hundredths__gte=self.stars * 100)] if self.stars else []
        found += [Q(comment_count__gt=0)] if self.is_commented else []
        found += [Q(pk__in=self.collection.entries.values("item"))] if self.collection else []
        found += [Q(pk__in=self.user.favourites.values("item"))] if self.is_favourite else []
        return found


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time.min, dt.UTC)


@dataclass(frozen=True, slots=True)
class Key:
    """A place in the order: the sort's value and the id, as it stands in an address."""

    value: Any
    pk: int

    def __str__(self) -> str:
        value = self.value.isoformat() if isinstance(self.value, dt.datetime) else self.value
        return f"{value}_{self.pk}"


def key_of(item: Item, sort: Sort) -> Key:
    return Key(getattr(item, KEYS[sort]), item.pk)


def read_key(text: str, sort: Sort) -> Key | None:
    """None for whatever is none."""
    value, _sign, pk = text.partition("_")
    try:
        if sort is not Sort.NEW:
            return Key(_whole(value), _whole(pk))
        moment = dt.datetime.fromisoformat(value)
        return Key(moment, _whole(pk)) if moment.tzinfo else None
    except ValueError:
        return None


def _whole(text: str) -> int:
    """Raises ValueError, also for what no column holds."""
    number = int(text)
    if not -(2**62) < number < 2**62:
        raise ValueError(text)
    return number


def ids(wanted: Wanted, *, after: Key | None = None, limit: int, backwards: bool = False) -> list[int]:
    """The ids that follow `after` in the order, or precede it, nearest first; without words."""
    name = KEYS[wanted.sort]
    sign, beyond = ("", "gt") if backwards else ("-", "lt")
    found = Item.objects.filter(wanted.conditions())
    if after:
        # the first part bounds the index, the second takes out those of the same value that were passed
        found = found.filter(**{f"{name}__{beyond}e": after.value})
        found = found.filter(Q(**{f"{name}__{beyond}": after.value}) | Q(**{f"pk__{beyond}": after.pk}))
    ordered = found.order_by(f"{sign}{name}", f"{sign}pk").values_list(name, "pk")
    return _in_sight(ordered, wanted, limit, "ASC" if backwards else "DESC")


def projects_of(wanted: Wanted) -> QuerySet[Project]:
    """Those whose items may be found: of others' open galleries only what is shown."""
    if wanted.shelf == Shelf.SHOWN:
        return Project.objects.with_gallery_for(wanted.user)
    return Project.objects.visible_to(wanted.user)


def _in_sight(ordered: QuerySet[Any, Any], wanted: Wanted, limit: int, direction: str) -> list[int]:
    """Sight, in the way that keeps the indexes in use."""
    if wanted.user.is_admin:
        return [pk for _value, pk in ordered[:limit]]
    seen = list(projects_of(wanted).values_list("pk", flat=True))
    if wanted.project:
        return [pk for _value, pk in ordered[:limit]] if wanted.project.pk in seen else []
    if not seen or wanted.has_own_index or len(seen) > MOST_PARTS:
        # "+ 0" keeps the planner from taking the projects' index, after which it would have to sort
        plain = ordered.alias(of_project=F("project_id") + 0).filter(of_project__in=seen)
        return [pk for _value, pk in plain[:limit]]
    return _merged(lambda project: ordered.filter(project=project)[:limit], seen, limit, direction)


def _merged(
    of_project: Callable[[int], QuerySet[Any, Any]], seen: Sequence[int], limit: int, direction: str
) -> list[int]:
    """The first of each project by its own index, merged by the database; one query."""
    marker = -1
    sql, parameters = of_project(marker).query.sql_with_params()
    part = f"SELECT * FROM ({sql}) AS part"  # noqa: S608 - Django's own SQL
    place = parameters.index(marker)
    with connection.cursor() as cursor:
        cursor.execute(
            f"{' UNION ALL '.join([part] * len(seen))} ORDER BY 1 {direction}, 2 {direction} LIMIT {limit}",
            [value for pk in seen for value in (*parameters[:place], pk, *parameters[place + 1 :])],
        )
        return [int(row[1]) for row in cursor.fetchall()]


def rows(wanted: Wanted, found: Sequence[int]) -> list[Item]:
    """These items in this order, as far as they may be seen."""
    items = Item.objects.visible_to(wanted.user).for_tile().in_bulk(list(found))
    return [items[pk] for pk in found if pk in items]
