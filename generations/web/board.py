"""A project's board: composer and cards, a page at a time; and the one poll that renews it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django_htmx.http import retarget

from generations.accounts.models import User
from generations.catalog.models import Kind
from generations.composer.examples import examples_for
from generations.composer.fit import FORM_MARK
from generations.gallery import reviewing
from generations.jobs.models import Job
from generations.jobs.states import FINAL, State
from generations.ledger import budgets
from generations.projects.models import Project
from generations.starts import templates
from generations.web import access, notes, rights, tray
from generations.web.cards import cards_for, places_of, token_of
from generations.web.composer_form import Composer, fitted, kind_of, studio_currency, typed_in
from generations.web.requests import Request

CARDS_A_PAGE = 24
MOST_CARDS_POLLED = 200
PACE_RENDERING, PACE_MINE, PACE_OTHERS, PACE_IDLE = 0.7, 2, 15, 60  # seconds
RENDERING = {State.RUNNING, State.FETCHING}
WATCHED_CLOSELY_FOR = dt.timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Live:
    """The poll as the page holds it: its pace in seconds, and how many jobs of others are new since when."""

    pace: float
    since: dt.datetime
    fresh: int = 0


@require_safe
def board(request: Request, slug: str) -> HttpResponse:
    """The board, or with htmx and `before` only the next cards."""
    project = access.project_for(request.user, slug)
    if request.htmx and request.GET.get("before"):
        return render(request, "board/_more.html", _cards(request, project))
    return page(request, project, _first_composer(request, project))


def _first_composer(request: Request, project: Project) -> Composer:
    """Filled from `?from=<job>`, from the fields of a link, or as the person used it last.

    A link with only some of the fields changes those: `?kind=image`, `?from=<job>&tray=first:<asset>`.
    """
    origin, typed = _origin(request, project), typed_in(request.GET)
    typed = typed or templates.begun(project, request.GET)
    if FORM_MARK not in typed:
        base = fields_of(origin) if origin else _last_settings(request.user, project, kind_of(typed))
        typed = base | typed
    if origin and (note := notes.note_of(request.user, origin, request.GET.get("note", ""))):
        typed["prompt"] = notes.with_note(typed["prompt"], note)
    return fitted(project, request.user, typed, timezone.now())


def _origin(request: Request, project: Project) -> Job | None:
    try:
        job_id = uuid.UUID(request.GET.get("from", ""))
    except ValueError:
        return None
    return project.jobs.filter(pk=job_id).select_related("model").first()


def fields_of(job: Job) -> dict[str, str]:
    """A job's request as the composer's fields."""
    fields = {
        "kind": job.kind,
        "images": str(job.images or 1),
        "prompt": job.prompt,
        "model": job.model.name,
        "resolution": job.resolution,
        "ratio": job.ratio,
        "seconds": str(job.seconds),
        "seed": "" if job.seed is None else str(job.seed),
        "tray": tray.tray_of(job),
    }
    return fields | ({"audio": "on"} if job.audio else {})


def _last_settings(user: User, project: Project, kind: Kind) -> dict[str, str]:
    mine = project.jobs.filter(user=user, kind=kind)
    last = mine.select_related("model").order_by("-created_at").first()
    return fields_of(last) | {"prompt": "", "seed": "", "tray": ""} if last and last.model.is_listed else {}


def page(request: Request, project: Project, composer: Composer, status: int = 200) -> HttpResponse:
    """The whole board with this composer."""
    origin = _origin(request, project)
    shown = _cards(request, project) | {
        "composer": composer,
        "parent": request.POST.get("parent", "") or (origin.pk if origin else ""),
        "note": request.POST.get("note", "") or (request.GET.get("note", "") if origin else ""),
        "examples": examples_for(composer.can),
        "may_manage": access.may_manage(project, request.user),
        "approved": _approved(request.user, project),
        "may_generate": access.may_generate(project, request.user),
    }
    return render(request, "board/board.html", shown, status=status)


def _approved(user: User, project: Project) -> reviewing.Approved | None:
    """What an approved second has cost, for those who see the project's money."""
    is_seen = access.may(user, rights.SEE_PROJECT_MONEY, project)
    return reviewing.approved_of(project, studio_currency()) if is_seen else None


def composed(request: Request, project: Project, composer: Composer, parent: str = "") -> HttpResponse:
    """The whole composer alone, in the place of the one that the page shows."""
    shown = {"project": project, "composer": composer, "parent": parent or request.POST.get("parent", "")}
    shown["note"] = request.POST.get("note", "")
    response = render(request, "board/_composer.html", shown)
    response["HX-Reswap"] = "morph:outerHTML"
    return retarget(response, "#composer")


def refused(request: Request, project: Project, composer: Composer) -> HttpResponse:
    """422, or 503 when busy: the composer with its problems, alone or in its page; everything typed is kept."""
    composer.blocked = composer.blocked or _("Nothing was sent: look at the marked fields.")
    status = 503 if composer.is_busy else 422
    if not request.htmx:
        return page(request, project, composer, status=status)
    response = composed(request, project, composer)
    response.status_code = status
    return response


def grown(
    request: Request, jobs: list[Job], now: dt.datetime, *, composer: Composer | None = None, origin: Job | None = None
) -> HttpResponse:
    """The new cards on top of the list, the figures and the pace; the foot of the composer, or the retried card."""
    project = jobs[0].project
    since = _moment(request.POST.get("since", ""), now)
    again = cards_for([origin] if origin else [], may_act=True, now=now)
    shown = figures(project, now) | {
        "project": project,
        "composer": composer,
        "cards": cards_for(jobs, may_act=True, now=now),
        "origin": again[0] if again else None,
        "live": Live(PACE_MINE, since, _fresh(request.user, project, since)),
    }
    return render(request, "board/_grown.html", shown)


def figures(project: Project, now: dt.datetime) -> dict[str, Any]:
    """What is spent and held this month, and what is left of the limit."""
    currency = studio_currency()
    return {"currency": currency, "month": budgets.month_of(project, currency, now)}


def _cards(request: Request, project: Project) -> dict[str, Any]:
    """One page of cards, newest first, and where the next begins."""
    now = timezone.now()
    jobs = list(_page_of(project, request.GET.get("before", ""))[: CARDS_A_PAGE + 1])
    more = jobs[CARDS_A_PAGE - 1] if len(jobs) > CARDS_A_PAGE else None
    may_act = access.may_generate(project, request.user)
    return figures(project, now) | {
        "project": project,
        "cards": cards_for(jobs[:CARDS_A_PAGE], may_act=may_act, now=now),
        "before": f"{more.created_at.isoformat()}_{more.pk}" if more else "",
        "is_first_page": not request.GET.get("before"),
        "live": Live(_pace(request.user, [(job.user_id, job.state, job.created_at) for job in jobs], now), now),
    }


def _page_of(project: Project, before: str) -> Any:
    jobs = project.jobs.for_card().order_by("-created_at", "-id")
    at, _, job_id = before.partition("_")
    try:
        moment, last_id = dt.datetime.fromisoformat(at), uuid.UUID(job_id)
    except ValueError:
        return jobs
    return jobs.filter(Q(created_at__lt=moment) | Q(created_at=moment, id__lt=last_id))


@require_safe
def poll(request: Request, slug: str) -> HttpResponse:
    """204, or the changed ones of the unfinished cards that the page shows, each named with its token."""
    project, now = access.project_for(request.user, slug), timezone.now()
    told = told_cards(request)
    seen = list(project.jobs.filter(pk__in=told).values_list("pk", "version", "user_id", "state", "created_at"))
    places = places_of([(pk, state, asked_at) for pk, _version, _user, state, asked_at in seen], now)
    changed = [pk for pk, version, *_ in seen if token_of(version, places.get(pk)) != told[pk]]
    live, was = _live(request, project, seen, now), (request.GET.get("pace"), request.GET.get("fresh"))
    if not changed and was == (str(live.pace), str(live.fresh)):
        return HttpResponse(status=204)
    jobs = project.jobs.for_card().filter(pk__in=changed)
    cards = cards_for(jobs, may_act=access.may_generate(project, request.user), now=now)
    ended = [card for card in cards if not card.is_moving]
    shown = figures(project, now) | {"project": project, "cards": cards, "ended": ended, "live": live}
    return render(request, "board/_polled.html", shown)


def told_cards(request: Request) -> dict[uuid.UUID, str]:
    """The cards that a page names as `card=<id>:<token>`; whatever else stands there is passed over."""
    told = {}
    for word in request.GET.getlist("card")[:MOST_CARDS_POLLED]:
        job_id, _, token = word.partition(":")
        try:
            told[uuid.UUID(job_id)] = token
        except ValueError:
            continue
    return told


def _live(request: Request, project: Project, seen: list[tuple[Any, ...]], now: dt.datetime) -> Live:
    since = _moment(request.GET.get("since", ""), now)
    return Live(_pace(request.user, [row[2:] for row in seen], now), since, _fresh(request.user, project, since))


def _pace(user: User, jobs: Sequence[tuple[Any, ...]], now: dt.datetime) -> float:
    """From (owner, state, created_at): closest while a young job of mine renders, slowest when nothing moves."""
    moving = [job for job in jobs if job[1] not in FINAL]
    mine = [job for job in moving if job[0] == user.pk]
    if any(state in RENDERING and now - created < WATCHED_CLOSELY_FOR for _, state, created in mine):
        return PACE_RENDERING
    return PACE_MINE if mine else PACE_OTHERS if moving else PACE_IDLE


def _fresh(user: User, project: Project, since: dt.datetime) -> int:
    return project.jobs.filter(created_at__gt=since).exclude(user=user).count()


def _moment(text: str, otherwise: dt.datetime) -> dt.datetime:
    try:
        found = parse_datetime(text)
    except ValueError:
        return otherwise
    return found if found and found.tzinfo else otherwise
