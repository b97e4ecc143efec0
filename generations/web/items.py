"""The page of one item: its player, what it is, where it comes from; its title and tags."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from generations.gallery import clearing, describing, provenance, sharing
from generations.gallery.models import Item
from generations.ledger import sight
from generations.projects.models import Role
from generations.web import access, comments, reviews, shelves
from generations.web.gallery_filters import Filters, read_filters
from generations.web.gallery_page import neighbours
from generations.web.requests import Request


@require_safe
def item(request: Request, output_id: uuid.UUID) -> HttpResponse:
    return render(request, "gallery/item.html", shown(request, access.item_for(request.user, output_id)))


def shown(request: Request, found: Item, filters: Filters | None = None) -> dict[str, Any]:
    """What the page needs; the filter of the address decides what comes before and after."""
    filters = filters or read_filters(request.user, request.GET)
    previous, following = neighbours(filters, found)
    role = access.role_in(found.project, request.user)
    talk = comments.shown(request, found) | reviews.shown(request, found)
    return talk | {
        "item": found,
        "media": found.media,
        "job": found.job,
        "filters": filters,
        "previous": previous,
        "following": following,
        "may_generate": access.may_generate(found.project, request.user) and not found.project.is_archived,
        "may_describe": role.covers(Role.MEMBER),
        "may_see_job": access.may_watch(found.project, request.user),
        "may_see_cost": Item.objects.filter(sight.of(request.user), pk=found.pk).exists(),
        "has_credentials": provenance.has_credentials(found.media),
        "doings": shelves.doings_of(found, request.user),
        "may_share": sharing.may_share(found, request.user),
        "given_up_at": found.shelved_at and found.shelved_at + clearing.BIN_LIFE,
        "ancestor": _ancestor(request, found),
        "now": timezone.now(),
    }


def _ancestor(request: Request, found: Item) -> Item | None:
    """The item that it was made from, where one may see it."""
    seen = Item.objects.visible_to(request.user).for_tile()
    return seen.filter(job=found.job.parent_id).first() if found.job.parent_id else None


@require_POST
def describe(request: Request, output_id: uuid.UUID) -> HttpResponse:
    """Another title and other tags."""
    found = access.item_for(request.user, output_id, Role.MEMBER)
    tags = describing.read_tags(request.POST.get("tags", ""))
    try:
        describing.describe(found, request.POST.get("title", "").replace("\0", ""), tags)
    except describing.TooMany:
        said = _("At most %(most)d tags of %(longest)d letters.")
        told = {"most": describing.MOST_TAGS, "longest": describing.LONGEST_TAG}
        page = shown(request, found) | {"problem": said % told, "typed_tags": request.POST.get("tags", "")}
        return render(request, "gallery/item.html", page, status=422)
    messages.success(request, _("Saved."))
    return redirect(found.get_absolute_url() + read_filters(request.user, request.GET).query)
