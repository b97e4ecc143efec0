"""What of the gallery is looked for: read from an address, and written back into the addresses of its links."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet, TextChoices
from django.http import Http404, QueryDict
from django.utils.dateparse import parse_date
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from generations.accounts.models import User
from generations.catalog.models import VideoModel
from generations.gallery.collections import Collection
from generations.gallery.finding import Length, Sort, Wanted
from generations.gallery.models import Review, Shelf
from generations.gallery.query import LONGEST_QUERY, read
from generations.media.models import MediaFile
from generations.projects.models import Membership, Project
from generations.web.composer_form import RATIOS, RESOLUTIONS

KINDS = {MediaFile.Kind.VIDEO: _("Clips"), MediaFile.Kind.IMAGE: _("Images")}
STARS = range(5, 0, -1)


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is set: what it says, and the address without it."""

    label: str
    value: str
    without: str


@dataclass(frozen=True, slots=True)
class Place:
    """A shelf, and the address of what is found there."""

    label: str
    address: str
    is_shown: bool


@dataclass(kw_only=True)
class Filters:
    """The filters as read, with what was typed into the search box."""

    wanted: Wanted
    words: str

    @property
    def user(self) -> User:
        return self.wanted.user

    @cached_property
    def values(self) -> dict[str, str]:
        """As they stand in an address; what is not set is left out."""
        wanted = self.wanted
        every = {
            "q": self.words,
            "project": wanted.project.slug if wanted.project else "",
            "person": str(wanted.person.pk) if wanted.person else "",
            "model": wanted.model.name if wanted.model else "",
            "kind": str(wanted.kind or ""),
            "ratio": wanted.ratio,
            "resolution": wanted.resolution,
            "length": str(wanted.length or ""),
            "from": wanted.first.isoformat() if wanted.first else "",
            "to": wanted.last.isoformat() if wanted.last else "",
            "review": str(wanted.review or "none") if wanted.review is not None else "",
            "stars": str(wanted.stars or ""),
            "collection": str(wanted.collection.pk) if wanted.collection else "",
            "favourite": "1" if wanted.is_favourite else "",
            "comments": "1" if wanted.is_commented else "",
            "sound": {True: "1", False: "0", None: ""}[wanted.has_sound],
            "shelf": "" if wanted.shelf == Shelf.SHOWN else str(wanted.shelf),
            "sort": "" if wanted.sort == self.usual_sort else str(wanted.sort),
        }
        return {name: value for name, value in every.items() if value}

    @property
    def usual_sort(self) -> Sort:
        return Sort.MATCH if self.wanted.query else Sort.NEW

    @property
    def query(self) -> str:
        """The address's own part: '?project=dusk', or '' when nothing is set."""
        return self.with_changes()

    def with_changes(self, **changes: str) -> str:
        values = {name: value for name, value in (self.values | changes).items() if value}
        return f"?{urlencode(values)}" if values else ""

    @property
    def is_plain(self) -> bool:
        """Whether everything is shown."""
        return not self.values.keys() - {"sort", "shelf"}

    @property
    def set_apart(self) -> int:
        """How many of the filters stand that are folded away."""
        return len(self.values.keys() & {"from", "to", "length", "ratio", "stars", "sound", "comments", "collection"})

    @property
    def chips(self) -> list[Chip]:
        """One for each filter that is set, but for the words and the sort."""
        names = {
            "project": (_("Project"), self.wanted.project),
            "person": (_("Person"), self.wanted.person),
            "model": (_("Model"), self.wanted.model and self.wanted.model.label),
            "kind": (_("Kind"), KINDS.get(self.wanted.kind) if self.wanted.kind else ""),
            "ratio": (_("Ratio"), self.wanted.ratio),
            "resolution": (_("Resolution"), self.wanted.resolution),
            "length": (_("Length"), self.wanted.length and self.wanted.length.label),
            "from": (_("From"), self.values.get("from")),
            "to": (_("To"), self.values.get("to")),
            "review": (_("Review"), self.wanted.review is not None and self.wanted.review.label),
            "stars": (_("Stars"), _("%(stars)d and more") % {"stars": self.wanted.stars}),
            "collection": (_("Collection"), self.wanted.collection),
            "favourite": (_("Favourites"), _("mine")),
            "comments": (_("Comments"), _("some")),
            "sound": (_("Sound"), _("on") if self.wanted.has_sound else _("off")),
        }
        return [
            Chip(str(label), str(value), self.with_changes(**{name: ""}) or "?")
            for name, (label, value) in names.items()
            if name in self.values
        ]

    @property
    def shelves(self) -> list[Place]:
        every = (Shelf.SHOWN, Shelf.ARCHIVED, Shelf.BIN)
        return [
            Place(
                str(one.label),
                self.with_changes(shelf="" if one == Shelf.SHOWN else one) or "?",
                one == self.wanted.shelf,
            )
            for one in every
        ]

    @property
    def sorts(self) -> list[Choice]:
        every = [one for one in Sort if one != Sort.MATCH or self.wanted.query]
        return [Choice("" if one == self.usual_sort else one.value, str(one.label)) for one in every]

    @property
    def projects(self) -> list[Choice]:
        return [Choice(project.slug, project.name) for project in Project.objects.with_gallery_for(self.user)]

    @property
    def people(self) -> list[Choice]:
        return [Choice(str(person.pk), str(person)) for person in people_of(self.user)]

    @property
    def models(self) -> list[Choice]:
        return [Choice(model.name, model.label) for model in VideoModel.objects.order_by("position", "name")]

    @property
    def collections(self) -> list[Choice]:
        return [Choice(str(one.pk), one.name) for one in Collection.objects.visible_to(self.user)]

    @property
    def reviews(self) -> list[Choice]:
        return [Choice(one.value or "none", str(one.label)) for one in Review]

    kinds = property(lambda self: [Choice(kind.value, str(label)) for kind, label in KINDS.items()])
    ratios = property(lambda self: [Choice(ratio, ratio) for ratio in RATIOS])
    resolutions = property(lambda self: [Choice(name, name) for name in RESOLUTIONS])
    lengths = property(lambda self: [Choice(one.value, str(one.label)) for one in Length])
    stars = property(lambda self: [Choice(str(count), "★" * count) for count in STARS])
    sounds = property(lambda self: [Choice("1", _("With sound")), Choice("0", _("Silent"))])


def people_of(user: User) -> QuerySet[User]:
    """Those who may have made what this person sees: the members of the projects, admins, and themselves."""
    seen = Membership.objects.filter(project__in=Project.objects.with_gallery_for(user)).values("user")
    return User.objects.filter(Q(pk=user.pk) | Q(pk__in=seen) | Q(seat="admin")).order_by("name", "email")


def read_filters(user: User, asked: QueryDict) -> Filters:
    """What makes no sense is as if it were not there. Raises Http404 for what this person may not see."""
    words = " ".join(asked.get("q", "").replace("\0", "").split())[:LONGEST_QUERY]
    query = read(words)
    wanted = Wanted(
        user=user,
        query=query,
        project=_one(Project.objects.with_gallery_for(user), slug=asked.get("project", "")),
        person=_one(people_of(user), pk=asked.get("person", "")),
        model=_one(VideoModel.objects.all(), name=asked.get("model", "")),
        collection=_one(Collection.objects.visible_to(user), pk=_uuid(asked.get("collection", ""))),
        kind=_choice(MediaFile.Kind, asked.get("kind", "")),
        ratio=_listed(RATIOS, asked.get("ratio", "")),
        resolution=_listed(RESOLUTIONS, asked.get("resolution", "")),
        length=_choice(Length, asked.get("length", "")),
        first=_day(asked.get("from", "")),
        last=_day(asked.get("to", "")),
        review=Review.NONE if asked.get("review") == "none" else _choice(Review, asked.get("review", "")),
        stars=int(_listed([str(count) for count in STARS], asked.get("stars", "")) or 0),
        is_favourite=asked.get("favourite") == "1",
        is_commented=asked.get("comments") == "1",
        has_sound={"1": True, "0": False}.get(asked.get("sound", "")),
        shelf=_choice(Shelf, _listed([Shelf.ARCHIVED, Shelf.BIN], asked.get("shelf", ""))) or Shelf.SHOWN,
        sort=_sort(asked.get("sort", ""), bool(query)),
    )
    return Filters(wanted=wanted, words=words if query else "")


def _sort(text: str, has_words: bool) -> Sort:
    sort = _choice(Sort, text)
    usual = Sort.MATCH if has_words else Sort.NEW
    return usual if sort is None or (sort == Sort.MATCH and not has_words) else sort


def _choice[C: TextChoices](choices: type[C], text: str) -> C | None:
    return choices(text) if text and text in choices.values else None


def _listed(known: Any, text: str) -> str:
    return text if text in known else ""


def _day(text: str) -> dt.date | None:
    try:
        day = parse_date(text)
    except ValueError:
        return None
    return day if day and dt.date(2000, 1, 1) <= day <= dt.date(2999, 1, 1) else None


def _uuid(text: str) -> str:
    """The text when it is one; of anything else nobody can have a row. Raises Http404."""
    try:
        return str(uuid.UUID(text)) if text else ""
    except ValueError:
        raise Http404 from None


def _one(rows: QuerySet[Any], **key: str) -> Any:
    """The row named in the address; None when none is named. Raises Http404."""
    (value,) = key.values()
    if not value:
        return None
    try:
        found = rows.filter(**key).first() if "\0" not in value else None
    except ValueError:
        found = None
    if found is None:
        raise Http404
    return found
