"""Stars, favourites and the review of a clip, one at a time on its page or many chosen in the grid."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from generations.gallery import reviewing
from generations.gallery.models import Item, Review
from generations.web import access, shelves
from generations.web.requests import Request

ICONS = {
    Review.NONE: "circle-dashed",
    Review.IN_REVIEW: "eye",
    Review.APPROVED: "circle-check",
    Review.NEEDS_CHANGES: "circle-alert",
    Review.REJECTED: "circle-x",
}
STARS = range(1, 6)
MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Way:
    """A state as one may choose it."""

    review: Review
    is_open: bool  # to this person

    @property
    def icon(self) -> str:
        return ICONS[self.review]


def shown(request: Request, item: Item) -> dict[str, Any]:
    """What the item's page needs to show its stars, its review and the ways on."""
    role, mine = access.role_in(item.project, request.user), item.stars.filter(user=request.user).first()
    ways = [Way(review, role.covers(reviewing.role_needed(item, review))) for review in Review]
    return {
        "item": item,
        "my_stars": mine.count if mine else 0,
        "stars": STARS,
        "is_favourite": item.favourites.filter(user=request.user).exists(),
        "review": Way(Review(item.review), is_open=True),
        "moves": [way for way in ways if way.is_open and way.review != item.review],
        "review_changes": item.review_changes.select_related("actor"),
        "now": timezone.now(),
    }


@require_POST
def stars(request: Request, output_id: uuid.UUID) -> HttpResponse:
    """`count` 1 to 5; 0, or what one gave already, takes them back."""
    item = access.item_for(request.user, output_id)
    told = request.POST.get("count", "")
    if told not in {"0", "1", "2", "3", "4", "5"}:
        return HttpResponse(status=422)
    reviewing.rate(item, request.user, int(told), timezone.now())
    return _changed(request, item)


@require_POST
def favourite(request: Request, output_id: uuid.UUID) -> HttpResponse:
    item = access.item_for(request.user, output_id)
    reviewing.set_favourite(item, request.user, request.POST.get("wanted") != "0", timezone.now())
    return _changed(request, item)


@require_POST
def review(request: Request, output_id: uuid.UUID) -> HttpResponse:
    """Moves the review to `to`, with a note. Members put up for review, managers decide."""
    item = access.item_for(request.user, output_id)
    if (to := _review_of(request.POST.get("to", ""))) is None:
        return HttpResponse(status=422)
    access.require(_may_move(request, item, to))
    reviewing.move(item, to, request.user, timezone.now(), " ".join(request.POST.get("note", "").split()))
    return _changed(request, item)


def _may_move(request: Request, item: Item, to: Review) -> bool:
    return access.role_in(item.project, request.user).covers(reviewing.role_needed(item, to))


def _review_of(told: str) -> Review | None:
    """'approved' -> APPROVED, 'none' -> NONE."""
    value = "" if told == "none" else told or "?"
    return Review(value) if value in Review.values else None


def _changed(request: Request, item: Item) -> HttpResponse:
    if not request.htmx:
        return redirect(back_to(request, item.get_absolute_url()))
    item = Item.objects.for_tile().get(pk=item.pk)
    return render(request, "reviews/_review.html", shown(request, item))


def back_to(request: Request, otherwise: str) -> str:
    """The page of ours that the form names in `back`, else the other."""
    told = request.POST.get("back", "")
    is_ours = url_has_allowed_host_and_scheme(told, allowed_hosts=None) and told.startswith("/")
    return told if is_ours else otherwise


# ----------------------------------------------------------------- many at once


@require_POST
def bulk(request: Request) -> HttpResponseRedirect:
    """Does `do` to every chosen `item`: a state of review, or favourite; to compare and to gather lead on."""
    items, back = chosen(request, request.POST.getlist("item")), back_to(request, resolve_url("gallery"))
    do = request.POST.get("do", "")
    if not items:
        messages.warning(request, _("Choose clips first."))
    elif do in {"compare", "gather"}:
        page = resolve_url("compare" if do == "compare" else "collections")
        return redirect(f"{page}?items={','.join(str(item.output_id) for item in items)}")
    elif do in {"favourite", "unfavourite"}:
        for item in items:
            reviewing.set_favourite(item, request.user, do == "favourite", timezone.now())
    elif do in shelves.DOING:
        shelves.move_all(request, items, shelves.DOING[do])
    elif (to := _review_of(do)) is not None:
        _move(request, items, to)
    return redirect(back)


def chosen(request: Request, told: Iterable[str]) -> list[Item]:
    """The items of these outputs that this person sees, in the order told, each once."""
    wanted = list(dict.fromkeys(filter(None, map(_uuid, list(told)[:MOST_AT_ONCE]))))
    found = {
        item.output_id: item for item in Item.objects.visible_to(request.user).for_tile().filter(output__in=wanted)
    }
    return [found[output_id] for output_id in wanted if output_id in found]


def _uuid(told: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(told)
    except ValueError:
        return None


def _move(request: Request, items: list[Item], to: Review) -> None:
    """Moves what this person may move, and says how many were not theirs to decide."""
    mine = [item for item in items if _may_move(request, item, to)]
    moved = reviewing.move_all(mine, to, request.user, timezone.now())
    words = {"n": moved, "state": to.label.lower()}
    messages.success(request, ngettext("%(n)d clip: %(state)s.", "%(n)d clips: %(state)s.", moved) % words)
    if others := len(items) - len(mine):
        text = ngettext("%(n)d is not yours to decide.", "%(n)d are not yours to decide.", others)
        messages.warning(request, text % {"n": others})
