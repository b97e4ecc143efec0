"""What of the money a spend page shows: read from its address, and written back into the addresses of its links."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from generations.accounts.models import User
from generations.catalog.models import Sku, VideoModel
from generations.ledger.models import Currency
from generations.ledger.reports import DAY, DIMENSIONS, Dimension, Wanted
from generations.ledger.sight import sees_all
from generations.projects.models import Membership, Project, ProjectQuerySet, Role
from generations.web.composer_form import studio_currency
from generations.web.requests import Request

EARLIEST = dt.date(2020, 1, 1)


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str


@dataclass(kw_only=True)
class Filters:
    """The filters as read; `today` in UTC."""

    wanted: Wanted
    by: Dimension
    today: dt.date

    @property
    def values(self) -> dict[str, str]:
        """As they stand in an address; what is not set is left out."""
        wanted = self.wanted
        every = {
            "from": wanted.first.isoformat(),
            "to": wanted.last.isoformat(),
            "project": wanted.project.slug if wanted.project else "",
            "person": str(wanted.person.pk) if wanted.person else "",
            "model": wanted.model,
            "resolution": wanted.resolution,
            "currency": "" if wanted.currency == studio_currency() else wanted.currency,
            "by": "" if self.by == "project" else self.by,
        }
        return {name: value for name, value in every.items() if value}

    def url(self, page: str, **changes: Any) -> str:
        """The address of a spend page with these filters but for the changes."""
        values = {name: value for name, value in (self.values | changes).items() if value}
        return f"{reverse(page)}?{urlencode(values)}"

    @property
    def projects(self) -> list[Choice]:
        return [Choice(project.slug, project.name) for project in projects_of(self.wanted.user)]

    @property
    def people(self) -> list[Choice]:
        return [Choice(str(person.pk), str(person)) for person in people_of(self.wanted.user)]

    @property
    def models(self) -> list[Choice]:
        return [Choice(model.name, model.label) for model in VideoModel.objects.order_by("position", "name")]

    @property
    def resolutions(self) -> list[Choice]:
        known = set(Sku.objects.order_by().values_list("resolution", flat=True).distinct())
        return [Choice(name, name) for name in sorted(known, key=_size)]

    @property
    def ranges(self) -> list[tuple[str, str, bool]]:
        """(label, address, whether it is the one shown)"""
        today, first = self.today, self.today.replace(day=1)
        every = {
            _("This month"): (first, today),
            _("Last month"): ((first - DAY).replace(day=1), first - DAY),
            _("7 days"): (today - 6 * DAY, today),
            _("90 days"): (today - 89 * DAY, today),
            _("12 months"): ((first - 334 * DAY).replace(day=1), today),
        }
        shown = (self.wanted.first, self.wanted.last)
        return [(label, self.url("spend", **_range(ends)), ends == shown) for label, ends in every.items()]

    @property
    def currencies(self) -> list[tuple[str, str, bool]]:
        """Real money and sandbox money, each apart: (value, label, whether it is the one shown)."""
        return [(one.value, str(one.label), one == self.wanted.currency) for one in Currency]


def _range(ends: tuple[dt.date, dt.date]) -> dict[str, str]:
    return {"from": ends[0].isoformat(), "to": ends[1].isoformat()}


def _size(resolution: str) -> tuple[int, str]:
    """480p, 720p, 1080p, 2k, 4k."""
    number = int("".join(filter(str.isdigit, resolution)) or 0)
    return (number * 540 if resolution.endswith("k") else number, resolution)


def read(request: Request, now: dt.datetime) -> Filters:
    """The filters of this address; what makes no sense is as if it were not there.

    Raises Http404 for a project or person whose money this person does not see.
    """
    asked, today = request.GET, now.astimezone(dt.UTC).date()
    first, last = _ends(asked.get("from", ""), asked.get("to", ""), today)
    currency, by = asked.get("currency", ""), asked.get("by", "")
    wanted = Wanted(
        user=request.user,
        currency=Currency(currency) if currency in Currency.values else studio_currency(),
        first=first,
        last=last,
        project=one(projects_of(request.user), slug=asked.get("project", "")),
        person=one(people_of(request.user), pk=asked.get("person", "")),
        model=asked.get("model", "")[:80].replace("\0", ""),
        resolution=asked.get("resolution", "")[:10].replace("\0", ""),
    )
    return Filters(wanted=wanted, by=next((each for each in DIMENSIONS if each == by), "project"), today=today)


def _ends(first: str, last: str, today: dt.date) -> tuple[dt.date, dt.date]:
    end = min(max(_day(last) or today, EARLIEST), today)
    start = min(max(_day(first) or end.replace(day=1), EARLIEST), today)
    return min(start, end), max(start, end)


def _day(text: str) -> dt.date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def one[T](rows: QuerySet[Any], **key: str) -> Any:
    """The row named in the address; None when none is named."""
    if not any(key.values()):
        return None
    try:
        found = rows.filter(**key).first()
    except ValueError:
        found = None
    if found is None:
        raise Http404
    return found


def projects_of(user: User) -> ProjectQuerySet:
    """The projects whose money this person sees, all or only their own share of it."""
    if sees_all(user):
        return Project.objects.all()
    return Project.objects.visible_to(user)


def people_of(user: User) -> QuerySet[User]:
    """The people whose money this person sees: everybody, or those of the projects that they manage and themselves."""
    everybody = User.objects.order_by("name", "email")
    if sees_all(user):
        return everybody
    managed = Membership.objects.filter(user=user, role=Role.MANAGER).values("project")
    return everybody.filter(Q(pk=user.pk) | Q(pk__in=Membership.objects.filter(project__in=managed).values("user")))
