"""A project's library: its page, search, uploads and addresses, rename, delete."""

from __future__ import annotations

import contextlib
import uuid
from dataclasses import dataclass
from pathlib import Path

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import reswap, retarget

from generations.media import arriving, library, rules
from generations.media.errors import DiskFull, MediaFault
from generations.media.models import Asset
from generations.media.rules import MEGABYTE, Refused
from generations.projects.models import Project, Role
from generations.web import access
from generations.web.library_page import fullness, shown_page, tile_of
from generations.web.requests import Request
from generations.web.upload_handlers import KeepFiles, Sent, disk_full

MOST_FORM_BYTES = 220 * MEGABYTE


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one file or address: an asset, or the rule that it broke."""

    name: str
    asset: Asset | None = None
    said: str = ""
    is_new: bool = False


@require_safe
def page(request: Request, slug: str) -> HttpResponse:
    """The library; with htmx and `before` only the next tiles."""
    project = access.project_for(request.user, slug)
    is_more = request.htmx and request.GET.get("before")
    return render(request, "library/_more.html" if is_more else "library/library.html", shown_page(request, project))


@csrf_exempt  # checked below: the handler must be in place before anything reads the form
@require_POST
def upload(request: Request, slug: str) -> HttpResponse:
    """Files of a form, each with its own answer."""
    project = access.project_for(request.user, slug, Role.MEMBER)
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_FORM_BYTES:
        said = _("All files of a form together may have %(most)d MB.") % {"most": MOST_FORM_BYTES // MEGABYTE}
        return answered(request, project, [Answer(_("Too much"), said=said)], status=413)
    handler = KeepFiles()
    request.upload_handlers = [handler]
    with contextlib.closing(handler):
        return _upload(request, project, handler)


@csrf_protect
def _upload(request: Request, project: Project, handler: KeepFiles) -> HttpResponse:
    if not request.FILES and not handler.sent:
        return answered(request, project, [Answer(_("No file"), said=_("Choose at least one file."))])
    return answered(request, project, [_kept(request, project, sent) for sent in handler.sent])


def _kept(request: Request, project: Project, sent: Sent) -> Answer:
    now = timezone.now()
    try:
        if sent.refused or sent.file is None:
            raise sent.refused or rules.broken()
        asset = library.add(Path(sent.file.name), project=project, user=request.user, name=sent.name, now=now)
    except Refused as refused:
        return Answer(sent.name, said=refused.said)
    except DiskFull:
        return Answer(sent.name, said=disk_full().said)
    except MediaFault:
        return Answer(sent.name, said=_("The studio could not look into it just now. Try again."))
    return Answer(sent.name, asset, is_new=asset.created_at == now)


@require_POST
def fetch(request: Request, slug: str) -> HttpResponse:
    """An address whose file a worker brings."""
    project = access.project_for(request.user, slug, Role.MEMBER)
    url = request.POST.get("url", "").strip()
    try:
        asset = arriving.begin(url, project=project, user=request.user, now=timezone.now())
    except Refused as refused:
        return answered(request, project, [Answer(url[:200] or _("No address"), said=refused.said)])
    return answered(request, project, [Answer(asset.name, asset, is_new=True)])


def answered(request: Request, project: Project, answers: list[Answer], status: int = 422) -> HttpResponse:
    """The answers and the new tiles; without htmx the page again, by a redirect when nothing was refused."""
    tiles = [tile_of(request, answer.asset) for answer in answers if answer.asset and answer.is_new]
    shown = {"answers": answers, "tiles": tiles, "project": project} | fullness(project)
    if request.htmx:
        response = render(request, "library/_answers.html", shown, status=200 if status == 422 else status)
        return reswap(retarget(response, "#answers"), "afterbegin")
    if any(answer.asset is None for answer in answers):
        shown |= shown_page(request, project) | {"url": request.POST.get("url", "")}
        return render(request, "library/library.html", shown, status=status)
    for answer in answers:
        messages.success(request, _told(answer))
    return redirect("library", slug=project.slug)


def _told(answer: Answer) -> str:
    if answer.asset and not answer.is_new:
        return _("%(name)s is in the library already.") % {"name": answer.asset.name}
    if answer.asset and answer.asset.state == Asset.State.ARRIVING:
        return _("%(name)s is on its way.") % {"name": answer.name}
    return _("%(name)s is in the library.") % {"name": answer.name}


@require_safe
def tile(request: Request, asset_id: uuid.UUID) -> HttpResponse:
    """One tile: what the tile of an arriving asset asks for again and again."""
    asset = access.asset_for(request.user, asset_id)
    if asset.state == Asset.State.ARRIVING and request.htmx:
        return HttpResponse(status=204)
    return render(request, "library/_tile.html", {"tile": tile_of(request, asset)})


@require_POST
def rename(request: Request, asset_id: uuid.UUID) -> HttpResponse:
    asset = access.asset_for(request.user, asset_id, Role.MEMBER)
    library.rename(asset, request.POST.get("name", ""))
    if request.htmx:
        return render(request, "library/_tile.html", {"tile": tile_of(request, asset), "is_renamed": True})
    return redirect("library", slug=asset.project.slug)


@require_POST
def delete(request: Request, asset_id: uuid.UUID) -> HttpResponse:
    """Out of the library, unless a job under way needs it."""
    asset = access.asset_for(request.user, asset_id, Role.MEMBER)
    try:
        library.delete(asset, request.user, timezone.now())
    except library.InUse:
        said = _("A job under way needs it. It can be deleted when that has ended.")
        return answered(request, asset.project, [Answer(asset.name, said=said)])
    if request.htmx:
        return HttpResponse()  # takes the tile's place
    messages.success(request, _("%(name)s is deleted.") % {"name": asset.name})
    return redirect("library", slug=asset.project.slug)
