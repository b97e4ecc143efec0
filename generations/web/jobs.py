"""The page of one job: its clip, its receipt, its timeline; cancel and retry."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from generations.catalog.pricing import NoPrice, NoSku
from generations.jobs import lifecycle, lineage, showing, upscaling
from generations.jobs.models import Job
from generations.ledger.budgets import OverBudget, Paused
from generations.projects.models import Role
from generations.web import access, board
from generations.web.cards import Card, cards_for, places_of, token_of
from generations.web.composer import why_not
from generations.web.inputs import inputs_of
from generations.web.requests import Request


@require_safe
def job(request: Request, job_id: uuid.UUID) -> HttpResponse:
    found = access.job_for(request.user, job_id)
    return render(request, "jobs/job.html", _shown(request, found))


@require_safe
def poll(request: Request, job_id: uuid.UUID) -> HttpResponse:
    """204, or the whole of the job anew when it is not the version that the page shows."""
    found = access.job_for(request.user, job_id)
    places = places_of([(found.pk, found.state, found.created_at)], timezone.now())
    if board.told_cards(request).get(found.pk) == token_of(found.version, places.get(found.pk)):
        return HttpResponse(status=204)
    shown = _shown(request, found)
    shown["ended"] = [] if shown["card"].is_moving else [shown["card"]]
    return render(request, "jobs/_polled.html", shown)


def _shown(request: Request, found: Job) -> dict[str, Any]:
    attempts = found.attempts.prefetch_related("exchanges").select_related("hold")
    return {
        "project": found.project,
        "card": _card(request, found),
        "events": found.events.select_related("actor"),
        "attempts": attempts,
        "inputs": inputs_of(found),
        "family": lineage.tree_of(found, request.user),
        "upscales": _upscales(request, found),
        "prompt_sent": showing.prompt_sent(found),
    }


def _upscales(request: Request, found: Job) -> list[upscaling.Offer]:
    """What could be made of its clip; nothing for who may not generate."""
    output = next((output for output in found.outputs.all() if output.media_id), None)
    if output is None or found.project.is_archived or not access.may_generate(found.project, request.user):
        return []
    try:
        return upscaling.offers(output)
    except upscaling.NoClip:
        return []


@require_POST
def upscale(request: Request, job_id: uuid.UUID) -> HttpResponse:
    """Its clip rendered larger, as a new job; `key` makes a second press the same one."""
    found, now = access.job_for(request.user, job_id, Role.MEMBER), timezone.now()
    output = next((output for output in found.outputs.all() if output.media_id), None)
    key = request.POST.get("key", "")[:64] or uuid.uuid4().hex
    try:
        if output is None:
            raise upscaling.NoClip(str(found.pk))
        made = upscaling.upscale(output, request.POST.get("resolution", ""), user=request.user, key=key, now=now)
    except upscaling.NoClip:
        return _not_retried(request, found, _("This clip can't be made larger in that way."))
    except (OverBudget, Paused, NoPrice, NoSku, *lifecycle.REFUSALS) as error:
        return _not_retried(request, found, why_not(error))
    return redirect(made)


def _card(request: Request, found: Job) -> Card:
    may_act = access.may_generate(found.project, request.user)
    return cards_for([found], may_act=may_act, now=timezone.now())[0]


@require_POST
def cancel(request: Request, job_id: uuid.UUID) -> HttpResponse:
    """Cancels while it is true; else says that the relay has it already."""
    found = access.job_for(request.user, job_id, Role.MEMBER)
    if found.is_final or lifecycle.cancel_job(found, actor=request.user, now=timezone.now()):
        said = ""
    else:
        said = _("The relay has this job already and can't stop it: it is charged if it succeeds.")
    if request.htmx:
        found.refresh_from_db()
        return render(request, "jobs/_acted.html", {"cards": [_card(request, found)], "said": said})
    if said:
        messages.warning(request, said)
    return redirect(found)


@require_POST
def retry(request: Request, job_id: uuid.UUID) -> HttpResponse:
    """The same request as a new job; `key` makes a second press the same one."""
    found, now = access.job_for(request.user, job_id, Role.MEMBER), timezone.now()
    key = request.POST.get("key", "")[:64] or uuid.uuid4().hex
    try:
        made = lifecycle.retry_job(found, user=request.user, key=key, now=now)
    except (OverBudget, Paused, NoPrice, NoSku, *lifecycle.REFUSALS) as error:
        return _not_retried(request, found, why_not(error))
    if not request.htmx:
        return redirect(made)
    if made.created_at != now:  # pressed twice: the page shows it already
        return HttpResponseClientRedirect(found.project.get_absolute_url())
    return board.grown(request, [made], now, origin=found)


def _not_retried(request: Request, found: Job, why: str) -> HttpResponse:
    if request.htmx:
        return render(request, "jobs/_acted.html", {"said": why}, status=422)
    messages.error(request, why)
    return render(request, "jobs/job.html", _shown(request, found), status=422)
