"""Which month's waste a page shows, whose and of which kind: read from its address, and written into its links."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from generations.jobs.waste import KINDS, Wanted
from generations.ledger.budgets import month_start
from generations.ledger.models import Currency
from generations.ledger.reports import DAY, next_month
from generations.web.composer_form import studio_currency
from generations.web.requests import Request
from generations.web.spend_filters import EARLIEST, Choice, one, people_of, projects_of

MONTHS_OFFERED = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """The filters as read; `kind` '' on the overview."""

    wanted: Wanted
    kind: str
    this_month: dt.date

    @property
    def values(self) -> dict[str, str]:
        wanted = self.wanted
        every = {
            "month": f"{wanted.month:%Y-%m}",
            "project": wanted.project.slug if wanted.project else "",
            "person": str(wanted.person.pk) if wanted.person else "",
            "currency": "" if wanted.currency == studio_currency() else wanted.currency,
            "kind": self.kind,
        }
        return {name: value for name, value in every.items() if value}

    def url(self, page: str, **changes: Any) -> str:
        """The address of a waste page with these filters but for the changes."""
        values = {name: value for name, value in (self.values | changes).items() if value}
        return f"{reverse(page)}?{urlencode(values)}"

    @property
    def months(self) -> list[Choice]:
        """The last twelve, and the one shown."""
        found = [self.this_month]
        while len(found) < MONTHS_OFFERED:
            found.append((found[-1] - DAY).replace(day=1))
        every = sorted({*found, self.wanted.month}, reverse=True)
        return [Choice(f"{month:%Y-%m}", date_format(month, "F Y")) for month in every]

    @property
    def projects(self) -> list[Choice]:
        return [Choice(project.slug, project.name) for project in projects_of(self.wanted.user)]

    @property
    def people(self) -> list[Choice]:
        return [Choice(str(person.pk), str(person)) for person in people_of(self.wanted.user)]

    @property
    def currencies(self) -> list[Choice]:
        return [Choice(each.value, str(each.label)) for each in Currency]


def kind_title(kind: str) -> str:
    return {
        "failed": _("Failed"),
        "refused": _("Refused by policy"),
        "rejected": _("Rejected"),
        "repeated": _("Same request again"),
        "unplayed": _("Never played"),
        "unloaded": _("Never downloaded"),
    }[kind]


def kind_meaning(kind: str) -> str:
    return {
        "failed": _("Failed at the relay or before: cost nothing but time."),
        "refused": _("The relay's policy did not let them through: cost nothing; other words may pass."),
        "rejected": _("Asked for and not approved: cost nothing."),
        "repeated": _("The same request had been made in the same project before."),
        "unplayed": _("Paid for; nobody has played or downloaded it."),
        "unloaded": _("Paid for; nobody has downloaded it."),
    }[kind]


def read(request: Request, now: dt.datetime) -> Filters:
    """The filters of this address; what makes no sense is as if it were not there.

    Raises Http404 for a project or person whose money this person does not see.
    """
    asked, this_month = request.GET, month_start(now)
    currency, kind = asked.get("currency", ""), asked.get("kind", "")
    wanted = Wanted(
        user=request.user,
        currency=Currency(currency) if currency in Currency.values else studio_currency(),
        month=read_month(asked.get("month", ""), this_month),
        project=one(projects_of(request.user), slug=asked.get("project", "")),
        person=one(people_of(request.user), pk=asked.get("person", "")),
    )
    return Filters(wanted=wanted, kind=kind if kind in KINDS else "", this_month=this_month)


def read_month(text: str, this_month: dt.date) -> dt.date:
    """'2026-11' -> its first day; this month when it is none, or lies ahead."""
    try:
        month = dt.date.fromisoformat(f"{text}-01")
    except ValueError:
        return this_month
    return min(max(month, EARLIEST), this_month)


def month_before(month: dt.date) -> dt.date:
    return (month - DAY).replace(day=1)


def month_after(filters: Filters) -> dt.date | None:
    following = next_month(filters.wanted.month)
    return following if following <= filters.this_month else None
