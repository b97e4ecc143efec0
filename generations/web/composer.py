"""The composer: the model changed, the estimate followed, Generate pressed."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import OperationalError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from generations.catalog.pricing import NoPrice, NoSku
from generations.composer.limits import read_ask
from generations.jobs import duplicates, lifecycle, variations
from generations.jobs.models import Job
from generations.ledger.budgets import OverBudget, Paused
from generations.projects.models import Project, Role
from generations.web import access, board, notes, tray
from generations.web.composer_form import Composer, as_typed, fitted, typed_in
from generations.web.refusals import why_not as why_not
from generations.web.requests import Request


@require_POST
def change_model(request: Request, slug: str) -> HttpResponse:
    """The form for another model, or for images instead of clips, with what was typed where that can do it."""
    project = access.project_for(request.user, slug, Role.MEMBER)
    composer = fitted(project, request.user, typed_in(request.POST), timezone.now())
    composer.key = request.POST.get("key") or composer.key
    if request.htmx and "switch" in request.POST:
        composer.changed = ()
        return board.composed(request, project, composer)
    if request.htmx:
        return render(request, "board/_refitted.html", {"composer": composer, "project": project})
    return board.page(request, project, composer)


@require_POST
def estimate(request: Request, slug: str) -> HttpResponse:
    """What stands on the button, and the problems at their fields; an empty prompt is none yet."""
    project = access.project_for(request.user, slug, Role.MEMBER)
    composer = as_typed(project, request.user, typed_in(request.POST), timezone.now())
    if not composer.data.get("prompt", "").strip():
        composer.problems.pop("prompt", None)
    if not request.htmx:
        return board.page(request, project, composer)
    return render(request, "board/_estimate.html", {"composer": composer, "project": project})


@require_POST
def change_tray(request: Request, slug: str) -> HttpResponse:
    """The form with its tray changed: the tray and what follows from it, or the whole page. Nothing is kept."""
    project = access.project_for(request.user, slug, Role.MEMBER)
    typed, do = typed_in(request.POST), request.POST.get("do", "")
    typed["tray"] = tray.changed(typed.get("tray", ""), do, typed.get("prompt", ""), project)
    composer = as_typed(project, request.user, typed, timezone.now())
    composer.key = request.POST.get("key", "")[:64] or composer.key
    composer.words = request.POST.get("find", "")[:100]
    if not typed.get("prompt", "").strip():
        composer.problems.pop("prompt", None)
    if not request.htmx:
        return board.page(request, project, composer)
    name = "board/_picks.html" if do == "find" else "board/_trayed.html"
    return render(request, name, {"composer": composer, "project": project})


@require_POST
def generate(request: Request, slug: str) -> HttpResponse:
    """Queues a job, or several: their cards, or 422 with the form as typed. The same form twice is the same jobs."""
    project, now = access.project_for(request.user, slug, Role.MEMBER), timezone.now()
    composer = as_typed(project, request.user, typed_in(request.POST), now)
    composer.key = request.POST.get("key", "")[:64] or composer.key
    jobs = [] if composer.problems or _exists(request, project, composer) else _queue(request, project, composer)
    if not jobs:
        return board.refused(request, project, composer)
    notes.lead_back(request.user, jobs[0], request.POST.get("note", ""))
    if not request.htmx:
        return redirect(project)
    if jobs[0].created_at != now:  # the page may show it already, or not: whoever pressed twice gets the board anew
        return HttpResponseClientRedirect(project.get_absolute_url())
    composer.key = uuid.uuid4().hex
    return board.grown(request, jobs, now, composer=composer)


def _exists(request: Request, project: Project, composer: Composer) -> bool:
    """Whether this very request was made lately, and nobody has said `again`: then its clip stands in `composer`."""
    ask = read_ask(composer.data, composer.can, composer.given)
    found, digest = duplicates.find(
        ask,
        project=project,
        user=request.user,
        key=composer.key,
        is_sandbox=settings.IS_SANDBOX,
        now=composer.now,
    )
    if found is None or request.POST.get("again") == digest:
        return False
    composer.same, composer.same_hash = found, digest
    composer.blocked = _("Nothing was sent: this clip exists already.")
    return True


def _queue(request: Request, project: Project, composer: Composer) -> list[Job]:
    """The jobs, or none with the reason in `composer`."""
    ask = read_ask(composer.data, composer.can, composer.given)
    try:
        return variations.queue_all(
            project=project,
            user=request.user,
            ask=ask,
            copies=composer.copies,
            takes_seed=composer.can.takes_seed,
            key=composer.key,
            now=composer.now,
            parent=_parent(request, project),
        )
    except lifecycle.KeyReused:
        composer.key = uuid.uuid4().hex
        composer.blocked = _("This form was sent before with other words. Press Generate again to send these.")
    except (NoPrice, NoSku):
        composer.problems["model"] = _("%(model)s has no price for this yet.") % {"model": composer.can.label}
    except (OverBudget, Paused, lifecycle.ProjectArchived, lifecycle.NoRoom) as error:
        composer.blocked = why_not(error)
    except OperationalError:
        composer.is_busy = True
        composer.blocked = _("The studio is very busy just now: nothing was sent. Press Generate again in a moment.")
    return []


def _parent(request: Request, project: Project) -> Job | None:
    """The job that this one was made from, if it lies in this project."""
    try:
        return Job.objects.filter(project=project, pk=uuid.UUID(request.POST.get("parent", ""))).first()
    except ValueError:
        return None
