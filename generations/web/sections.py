"""The sections of the studio and the tabs of each: a new page gets its way in by one line here.

A tab is shown to those whom `who` lets in; the current one is that whose address begins the page's, the longest first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from generations.accounts.models import User
from generations.ledger.sight import sees_all

type Who = Callable[[User], bool]


def everybody(user: User) -> bool:
    return user.is_active


def admins(user: User) -> bool:
    return user.is_admin


def money(user: User) -> bool:
    return sees_all(user)


@dataclass(frozen=True, slots=True)
class Tab:
    route: str  # a route's name without arguments
    label: str | Promise
    who: Who = everybody
    also: tuple[str, ...] = ()  # other addresses that belong to it

    @property
    def address(self) -> str:
        return reverse(self.route)

    def reach(self, path: str) -> int:
        """How much of the page's address this tab covers; 0: nothing."""
        return max((len(start) for start in (self.address, *self.also) if path.startswith(start)), default=0)


@dataclass(frozen=True, slots=True)
class Section:
    label: str | Promise
    tabs: tuple[Tab, ...]
    is_in_header: bool = True
    key: str = ""  # what is typed to go there


SECTIONS = (
    Section(_("Projects"), (Tab("projects", _("Projects"), also=("/jobs/",)), Tab("queue", _("Queue"))), key="g p"),
    Section(
        _("Gallery"),
        (Tab("gallery", _("Gallery")), Tab("collections", _("Collections")), Tab("feed", _("Feed"))),
        key="g g",
    ),
    Section(
        _("Spend"),
        (
            Tab("spend", _("Overview")),
            Tab("spend_jobs", _("Jobs")),
            Tab("waste", _("Waste")),
            Tab("budgets", _("Budgets")),
            Tab("approvals", _("Approvals")),
            Tab("prices", _("Prices"), money),
            Tab("truth", _("Truth board"), money),
            Tab("adjustments", _("By hand"), money),
        ),
        key="g s",
    ),
    Section(
        _("Studio"),
        (
            Tab("people", _("People"), admins),
            Tab("operations", _("Operations"), admins),
            Tab("unknowns", _("Unknown outcomes"), admins),
            Tab("admin:index", _("Records"), admins),
            Tab("instructions", _("Instructions"), admins),
            Tab("key", _("Key check"), admins),
        ),
    ),
    Section(
        _("Account"),
        (
            Tab("account", _("Profile"), also=("/accounts/",)),
            Tab("notices", _("Notices")),
            Tab("notice_choices", _("How to be told")),
        ),
        is_in_header=False,
    ),
)


@dataclass(frozen=True, slots=True)
class Link:
    label: str | Promise
    address: str
    is_current: bool
    key: str = ""


@dataclass(frozen=True, slots=True)
class Ways:
    """The links of the header, and those of the section that the page stands in (none when it has but one)."""

    header: tuple[Link, ...]
    section: str | Promise = ""
    tabs: tuple[Link, ...] = ()


def ways(request: HttpRequest) -> dict[str, Any]:
    """Context of every page; looked up only where a template shows it."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {"ways": SimpleLazyObject(lambda: of(user, request.path))}


def of(user: User, path: str) -> Ways:
    """What this person is shown on the page at `path`."""
    open_to = [(section, [tab for tab in section.tabs if tab.who(user)]) for section in SECTIONS]
    seen = [(section, tabs) for section, tabs in open_to if tabs]
    reached = max(((tab.reach(path), section, tab) for section, tabs in seen for tab in tabs), key=lambda one: one[0])
    _length, here, now = reached if reached[0] else (0, None, None)
    header = tuple(Link(one.label, tabs[0].address, one is here, one.key) for one, tabs in seen if one.is_in_header)
    if here is None:
        return Ways(header)
    tabs = next(tabs for one, tabs in seen if one is here)
    links = tuple(Link(tab.label, tab.address, tab is now) for tab in tabs) if len(tabs) > 1 else ()
    return Ways(header, here.label, links)
