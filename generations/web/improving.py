"""Improve prompt: asked for, looked at, stopped, taken, put back, left; each a press in the composer's form."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from generations.catalog.pricing import NoPrice
from generations.composer.prompt import BadPrompt, read_prompt
from generations.jobs.lifecycle import KeyReused, ProjectArchived
from generations.ledger.budgets import OverBudget, Paused
from generations.projects.models import Project, Role
from generations.web import access, board
from generations.web.composer_form import as_typed, typed_in
from generations.web.improve_panel import Panel, panel_of
from generations.web.refusals import is_paused, over_budget
from generations.web.requests import Request
from generations.writing import asking
from generations.writing.models import Proposal


@require_POST
def improve(request: Request, slug: str) -> HttpResponse:
    """The panel after a press of its button `do`, or the whole page. Nothing else in the form changes unless taken."""
    project = access.project_for(request.user, slug, Role.MEMBER)
    act = ACTS.get(request.POST.get("do", ""), _ask)
    if act is _look and request.htmx:
        return render(request, "board/_improve.html", {"panel": _look(request, project, {}), "project": project})
    typed = typed_in(request.POST)
    panel = act(request, project, typed)
    composer = as_typed(project, request.user, typed, timezone.now())
    composer.key = request.POST.get("key", "")[:64] or composer.key
    composer.panel = panel
    if act is not _ask:
        composer.problems = {}
    if not request.htmx:
        return board.page(request, project, composer)
    shown = {"composer": composer, "panel": panel, "project": project, "is_changed": act in (_take, _put_back)}
    return render(request, "board/_improved.html", shown)


def _ask(request: Request, project: Project, typed: dict[str, str]) -> Panel:
    composer = as_typed(project, request.user, typed, timezone.now())
    try:
        prompt = read_prompt(typed.get("prompt", ""))
        asked = asking.ask(
            key=_key(request),
            project=project,
            user=request.user,
            prompt=prompt,
            purpose=composer.purpose,
            now=timezone.now(),
        )
    except BadPrompt:
        return Panel(why=_("Write a prompt first: then it can be improved."))
    except (*asking.REFUSALS, OverBudget, Paused) as refused:
        return Panel(why=why_not(refused))
    return panel_of(asked)


def why_not(refused: Exception) -> str:
    """Why nothing was asked for, in words."""
    match refused:
        case OverBudget():
            return over_budget(refused)
        case Paused():
            return is_paused(refused)
        case NoPrice():
            return _("No text model has a price yet, so none can be asked.")
        case asking.MustAsk():
            return _("It costs more than you may spend here without asking.")
        case asking.TooMany():
            return _("Three of your prompts are being improved already. Wait for one of them.")
        case ProjectArchived():
            return _("This project is archived: it takes no new prompts.")
        case KeyReused() | _:
            return _("Press Improve again.")


def _look(request: Request, project: Project, typed: dict[str, str]) -> Panel:
    return panel_of(_proposal(request, project))


def _stop(request: Request, project: Project, typed: dict[str, str]) -> Panel:
    proposal = _proposal(request, project)
    asking.stop(proposal, timezone.now())
    return panel_of(proposal)


def _take(request: Request, project: Project, typed: dict[str, str]) -> Panel:
    proposal = _proposal(request, project)
    if proposal.state == Proposal.State.READY:
        typed["prompt"] = proposal.proposed
    return panel_of(proposal, is_taken=True)


def _put_back(request: Request, project: Project, typed: dict[str, str]) -> Panel:
    proposal = _proposal(request, project)
    typed["prompt"] = proposal.prompt
    return panel_of(proposal)


def _leave(request: Request, project: Project, typed: dict[str, str]) -> Panel:
    return Panel()


ACTS: dict[str, Callable[[Request, Project, dict[str, str]], Panel]] = {
    "ask": _ask,
    "look": _look,
    "stop": _stop,
    "take": _take,
    "back": _put_back,
    "leave": _leave,
}


def _proposal(request: Request, project: Project) -> Proposal:
    mine = Proposal.objects.visible_to(request.user).filter(project=project).select_related("price", "hold")
    found = mine.filter(pk=_key(request)).first()
    if found is None:
        raise Http404
    return found


def _key(request: Request) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get("proposal", ""))
    except ValueError:
        return uuid.uuid4()
