"""One page of the gallery: its tiles, and the address of the next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generations.gallery import finding, finding_words
from generations.gallery.finding import Sort
from generations.gallery.models import Item, Review
from generations.web.gallery_filters import Filters

TILES_A_PAGE = 60
EAGER_TILES = 8  # the first ones are not loaded lazily: they are in sight
REVIEW_ICONS = {
    Review.IN_REVIEW: "eye",
    Review.APPROVED: "circle-check",
    Review.NEEDS_CHANGES: "circle-alert",
    Review.REJECTED: "circle-x",
}


@dataclass(frozen=True, slots=True)
class Tile:
    """One item with what its template needs; `query` keeps the filter while one walks from item to item."""

    item: Item
    query: str
    is_eager: bool
    may_generate: bool
    now: dt.datetime

    @property
    def address(self) -> str:
        return self.item.get_absolute_url() + self.query

    @property
    def alt(self) -> str:
        return self.item.job.prompt[:80]

    @property
    def review_icon(self) -> str:
        return REVIEW_ICONS.get(Review(self.item.review), "")

    @property
    def stars(self) -> str:
        """4.5; '' for none."""
        return f"{self.item.rating_hundredths / 100:.1f}".removesuffix(".0") if self.item.rating_hundredths else ""

    @property
    def said(self) -> str:
        """The figures of the tile, in words."""
        item, words = self.item, []
        if item.rating_hundredths:
            words.append(_("%(stars)s stars") % {"stars": self.stars})
        if item.comment_count:
            words.append(ngettext("%(n)d comment", "%(n)d comments", item.comment_count) % {"n": item.comment_count})
        return ", ".join(words)


@dataclass(frozen=True, slots=True)
class Page:
    tiles: Sequence[Tile]
    next: str  # the address of the next page; '' when this is the last
    is_first: bool


def page_of(filters: Filters, asked: QueryDict, makers: frozenset[int], now: dt.datetime) -> Page:
    """The tiles after `after` (a key, or for words a number); `makers` are the projects in which one may generate."""
    after = asked.get("after", "")
    items, beyond = (_by_words if filters.wanted.query else _by_key)(filters, after)
    following = filters.with_changes(after=beyond) if beyond else ""
    tiles = [
        Tile(item, filters.query, not after and at < EAGER_TILES, item.project_id in makers, now)
        for at, item in enumerate(items)
    ]
    return Page(tiles, following, not after)


def _by_key(filters: Filters, after: str) -> tuple[list[Item], str]:
    wanted = filters.wanted
    found = finding.ids(wanted, after=finding.read_key(after, wanted.sort), limit=TILES_A_PAGE + 1)
    items = finding.rows(wanted, found[:TILES_A_PAGE])
    more = len(found) > TILES_A_PAGE and items
    return items, str(finding.key_of(items[-1], wanted.sort)) if more else ""


def _by_words(filters: Filters, after: str) -> tuple[list[Item], str]:
    """By age from an id on, else from a place among the best."""
    wanted, start = filters.wanted, int(after) if after.isascii() and after.isdigit() and len(after) < 19 else 0
    if wanted.sort == Sort.NEW:
        found = finding_words.ids(wanted, below=start or None, limit=TILES_A_PAGE + 1)
        items = finding.rows(wanted, found[:TILES_A_PAGE])
        return items, str(found[TILES_A_PAGE - 1]) if len(found) > TILES_A_PAGE else ""
    found = finding_words.ids(wanted, limit=TILES_A_PAGE)
    items = finding.rows(wanted, found[start : start + TILES_A_PAGE])
    return items, str(start + TILES_A_PAGE) if len(found) > start + TILES_A_PAGE else ""


def neighbours(filters: Filters, item: Item) -> tuple[Item | None, Item | None]:
    """The one before and the one after in this order, as far as the item stands in it."""
    wanted = filters.wanted
    if wanted.query:
        found = finding_words.ids(wanted, limit=finding_words.MOST_RANKED)
        place = found.index(item.pk) if item.pk in found else None
        around = [] if place is None else [found[place - 1] if place else 0, *found[place + 1 : place + 2]]
        previous, following = [*around, 0, 0][:2]
    else:
        key = finding.key_of(item, wanted.sort)
        previous = next(iter(finding.ids(wanted, after=key, limit=1, backwards=True)), 0)
        following = next(iter(finding.ids(wanted, after=key, limit=1)), 0)
    rows = {row.pk: row for row in finding.rows(wanted, [previous, following])}
    return rows.get(previous), rows.get(following)
