"""Approvals: the jobs that wait for this person's word, and their own that wait for somebody else's."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from generations.accounts.models import User
from generations.jobs import approvals as verbs
from generations.jobs.models import Job
from generations.jobs.states import Overtaken
from generations.web import asks
from generations.web.requests import Request

MOST_SHOWN = 50
REASON_CHARACTERS = 300


@require_safe
def approvals(request: Request) -> HttpResponse:
    return _page(request)


def _page(request: Request, chosen: Iterable[str] = (), problem: str = "", reason: str = "") -> HttpResponse:
    now = timezone.now()
    waiting = verbs.waiting_for(request.user).select_related("project", "user", "model", "sku", "price__price_list")
    waiting = waiting.prefetch_related("inputs__media")
    count = waiting.count()
    page = {
        "now": now,
        "asks": asks.asks_for(waiting[:MOST_SHOWN], now),
        "more": max(0, count - MOST_SHOWN),
        "own": asks.own_asks(request.user, waiting),
        "decided": asks.decided_lately(request.user, now),
        "chosen": set(chosen),
        "problem": problem,
        "reason": reason,
    }
    return render(request, "approvals/list.html", page, status=422 if problem else 200)


@require_POST
def decide(request: Request) -> HttpResponse:
    """`decision` approve or reject over every `job`; those decided meanwhile are passed over, so twice is harmless."""
    ids, decision = request.POST.getlist("job")[:MOST_SHOWN], request.POST.get("decision", "")
    why = request.POST.get("reason", "").replace("\0", "").strip()[:REASON_CHARACTERS]
    jobs = _jobs(request.user, ids)
    if problem := _problem(jobs, decision, why):
        return _page(request, ids, problem, why)
    done = sum(_decide(job, decision, request.user, why) for job in jobs)
    _tell(request, decision, done, len(jobs) - done)
    return redirect("approvals")


def _problem(jobs: list[Job], decision: str, why: str) -> str:
    if decision not in {"approve", "reject"}:
        return _("Approve or reject: press one of the two.")
    if not jobs:
        return _("Choose at least one clip.")
    if decision == "reject" and not why:
        return _("Say why: who asked reads it on the card.")
    return ""


def _jobs(user: User, ids: list[str]) -> list[Job]:
    """Raises Http404 when one of them is not to be seen, PermissionDenied when one is not this person's to decide."""
    try:
        wanted = {uuid.UUID(job_id) for job_id in ids}
    except ValueError:
        raise Http404 from None
    jobs = list(Job.objects.visible_to(user).filter(pk__in=wanted).select_related("project", "user"))
    if len(jobs) != len(wanted):
        raise Http404
    if not all(verbs.may_decide(job, user) for job in jobs):
        raise PermissionDenied
    return jobs


def _decide(job: Job, decision: str, actor: User, why: str) -> bool:
    """False when somebody was faster."""
    try:
        if decision == "approve":
            verbs.approve(job, actor=actor, now=timezone.now())
        else:
            verbs.reject(job, actor=actor, why=why, now=timezone.now())
    except Overtaken:
        return False
    return True


def _tell(request: Request, decision: str, done: int, missed: int) -> None:
    if done and decision == "approve":
        messages.success(request, ngettext("%d clip is approved.", "%d clips are approved.", done) % done)
    elif done:
        messages.success(request, ngettext("%d clip is rejected.", "%d clips are rejected.", done) % done)
    if missed:
        said = ngettext("%d was decided or cancelled before.", "%d were decided or cancelled before.", missed)
        messages.warning(request, said % missed)
