"""Items archived, deleted and restored, one at a time or many chosen in the grid."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from generations.accounts.models import User
from generations.gallery import clearing
from generations.gallery.models import Item, Shelf
from generations.projects.models import Role
from generations.web import access
from generations.web.gallery_filters import read_filters
from generations.web.requests import Request

DOING = {"archive": Shelf.ARCHIVED, "delete": Shelf.BIN, "restore": Shelf.SHOWN}


def may_move(item: Item, to: Shelf, user: User) -> bool:
    """Members archive and take back out; into the bin and out of it only one's own, or as a manager anybody's."""
    role = access.role_in(item.project, user)
    is_of_bin = Shelf.BIN in (to, item.shelf)
    return role.covers(Role.MANAGER) or (role.covers(Role.MEMBER) and (item.user_id == user.pk or not is_of_bin))


@dataclass(frozen=True, slots=True)
class Doing:
    do: str
    label: str
    icon: str


def doings_of(item: Item, user: User) -> list[Doing]:
    """What this person may do with it where it lies."""
    every = {
        "archive": Doing("archive", _("Archive"), "archive"),
        "restore": Doing("restore", _("Put back"), "archive-restore"),
        "delete": Doing("delete", _("Delete"), "trash-2"),
    }
    open_to = [do for do, to in DOING.items() if item.shelf in clearing.WAYS[to] and may_move(item, to, user)]
    return [every[do] for do in open_to]


@require_POST
def shelve(request: Request, output_id: uuid.UUID) -> HttpResponse:
    """`do` is archive, delete or restore; pressed twice harmless."""
    item, to = access.item_for(request.user, output_id, Role.MEMBER), DOING.get(request.POST.get("do", ""))
    if to is None:
        return HttpResponse(status=422)
    access.require(may_move(item, to, request.user))
    if clearing.move(item, to, request.user, timezone.now()):
        messages.success(request, said(to, 1))
    return redirect(item.get_absolute_url() + read_filters(request.user, request.GET).query)


def move_all(request: Request, items: list[Item], to: Shelf) -> None:
    """Moves what this person may move, and says how many were not theirs."""
    mine = [item for item in items if may_move(item, to, request.user)]
    moved = sum(clearing.move(item, to, request.user, timezone.now()) for item in mine)
    if moved:
        messages.success(request, said(to, moved))
    if others := len(items) - len(mine):
        text = ngettext("%(n)d is not yours to move.", "%(n)d are not yours to move.", others)
        messages.warning(request, text % {"n": others})


def said(to: Shelf, count: int) -> str:
    text = {
        Shelf.ARCHIVED: ngettext("%(n)d archived.", "%(n)d archived.", count),
        Shelf.BIN: ngettext(
            "%(n)d deleted. It lies in the bin for 30 days.", "%(n)d deleted. They lie in the bin for 30 days.", count
        ),
        Shelf.SHOWN: _("%(n)d back in the gallery."),
    }[to]
    return text % {"n": count}
