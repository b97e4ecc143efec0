"""What was made, taken up again: a frame of a clip, or an image, put into the library and into the composer's tray."""

from __future__ import annotations

import uuid
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import reswap, retarget

from generations.accounts.models import User
from generations.catalog.models import Kind
from generations.jobs.models import Job, Output
from generations.media import frames, library
from generations.media.errors import MediaFault
from generations.media.models import Asset, MediaFile
from generations.media.rules import Refused
from generations.projects.models import Project
from generations.web import access, board, tray
from generations.web.composer_form import Composer, as_typed, fitted, typed_in
from generations.web.library import Answer, answered
from generations.web.outputs import media_of
from generations.web.requests import Request

USES = ("add", "first", "last", "extend")  # as a reference, as a frame, or the last frame as the first of another clip


@require_POST
def frame(request: Request, output_id: uuid.UUID) -> HttpResponse:
    """A clip's frame `at` a second, as its player shows it, or an image, into the library; with `as` into the tray."""
    output = access.output_for(request.user, output_id)
    project = output.job.project
    access.require(access.may_generate(project, request.user))
    use = request.POST.get("as", "")
    answer = _kept(output, _seconds(request, output, use), request.user)
    if use not in USES:
        return answered(request, project, [answer])
    if answer.asset is None:
        return _not_used(request, output.job, answer.said)
    return _used(request, output.job, answer.asset, use)


def _seconds(request: Request, output: Output, use: str) -> float | None:
    """Where the player stood; the end for what goes on from there. None for what is no time."""
    if use == "extend":
        return (media_of(output).duration_ms or 0) / 1000
    try:
        return float(request.POST.get("at", request.POST.get("seconds", "")))
    except ValueError:
        return None


def _kept(output: Output, seconds: float | None, user: User) -> Answer:
    """The picture in the library, or why it is not there."""
    now, media = timezone.now(), media_of(output)
    name = _name(output, seconds)
    try:
        if media.kind != MediaFile.Kind.IMAGE:
            media = _cut(media, seconds)
        asset = library.add_kept(media, project=output.job.project, user=user, name=name, now=now)
    except frames.NoSuchFrame:
        return Answer(name, said=_("There is no frame at this time of the clip."))
    except Refused as refused:
        return Answer(name, said=refused.said)
    except (MediaFault, FileNotFoundError):
        return Answer(name, said=_("The frame could not be cut just now. Try again."))
    return Answer(asset.name, asset, is_new=asset.created_at == now)


def _cut(media: MediaFile, seconds: float | None) -> MediaFile:
    if seconds is None:
        raise frames.NoSuchFrame(f"{media} at no time")
    return frames.frame_at(media, seconds)


def _name(output: Output, seconds: float | None) -> str:
    told = {"prompt": output.job.prompt[:80]}
    if output.is_image:
        return _("Image of “%(prompt)s”") % told
    return f"{_('Frame of “%(prompt)s”') % told} {seconds or 0:.2f} s"


def _not_used(request: Request, job: Job, why: str) -> HttpResponse:
    if request.htmx:
        return reswap(render(request, "jobs/_acted.html", {"said": why}, status=422), "none")
    messages.error(request, why)
    return redirect(job)


def _used(request: Request, job: Job, asset: Asset, use: str) -> HttpResponse:
    """The composer with it in its tray: that of the page, or the board with one."""
    if request.htmx and use == "extend":
        return _composed(request, job.project, board.fields_of(job) | {"tray": f"first:{asset.pk}"}, parent=str(job.pk))
    if request.htmx:
        typed = typed_in(request.POST)
        typed["tray"] = tray.changed(typed.get("tray", ""), f"{use}:{asset.pk}", typed.get("prompt", ""), job.project)
        if typed.get("kind") == Kind.IMAGE:
            return _composed(request, job.project, typed | {"kind": Kind.CLIP, "model": ""})
        return _trayed(request, job.project, typed)
    fields = {"tray": f"first:{asset.pk}"} if use == "extend" else {"kind": Kind.CLIP, "tray": tray.of_one(asset, use)}
    origin = {"from": str(job.pk)} if use == "extend" else {}
    return HttpResponseRedirect(f"{job.project.get_absolute_url()}?{urlencode(origin | fields)}")


def _composed(request: Request, project: Project, typed: dict[str, str], parent: str = "") -> HttpResponse:
    composer = fitted(project, request.user, typed, timezone.now())
    composer.key, composer.changed = request.POST.get("key", "")[:64] or composer.key, ()
    return board.composed(request, project, composer, parent=parent)


def _trayed(request: Request, project: Project, typed: dict[str, str]) -> HttpResponse:
    composer: Composer = as_typed(project, request.user, typed, timezone.now())
    if not typed.get("prompt", "").strip():
        composer.problems.pop("prompt", None)
    response = render(request, "board/_trayed.html", {"composer": composer, "project": project})
    response["HX-Reswap"] = "morph:outerHTML"
    return retarget(response, "#tray")
