"""Outcomes that nobody knows: the list of those to be resolved, and one job's page with the ways out."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from generations.jobs import unknowns
from generations.jobs.lifecycle import ProjectArchived
from generations.jobs.models import Attempt, Job
from generations.ledger.budgets import OverBudget, Paused
from generations.projects.models import Role
from generations.web import access
from generations.web.cards import cards_for
from generations.web.composer import why_not
from generations.web.requests import Request
from generations.writing import settling

RESOLVED = gettext_lazy("It has been resolved in the meantime; nothing was changed.")


class TaskForm(forms.Form):
    task_id = forms.CharField(
        label=gettext_lazy("The relay's task id"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "placeholder": "task_…"}),
    )


class NotMadeForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("How do you know?"),
        max_length=300,
        help_text=gettext_lazy("Kept with your name. For example: no such task in the relay's console at 12:04 UTC."),
    )
    is_sure = forms.BooleanField(label=gettext_lazy("I have looked: the relay has not made it and bills nothing."))


class AgainForm(forms.Form):
    is_sure = forms.BooleanField(label=gettext_lazy("I know that the relay may have it already, and may bill both."))


@require_safe
def unknowns_list(request: Request) -> HttpResponse:
    """All for an admin, those of their projects for a manager."""
    attempts = list(unknowns.open_to(request.user)[:200])
    lost_words = settling.open_to(request.user)[:200]
    page = {"attempts": attempts, "lost_words": lost_words, "now": timezone.now()}
    return render(request, "unknowns/list.html", page)


@require_safe
def unknown(request: Request, job_id: uuid.UUID) -> HttpResponse:
    """Whoever sees the job sees this; a manager or an admin may resolve it."""
    return _page(request, access.job_for(request.user, job_id), TaskForm())


def _page(request: Request, job: Job, form: TaskForm, number: int = 0, status: int = 200) -> HttpResponse:
    now = timezone.now()
    attempts = list(unknowns.open_attempts().filter(job=job).prefetch_related("exchanges", "inquiries__actor"))
    page = {
        "project": job.project,
        "card": cards_for([job], may_act=False, now=now)[0],
        "attempts": attempts,
        "settled": job.attempts.exclude(pk__in=[attempt.pk for attempt in attempts])
        .prefetch_related("inquiries__actor")
        .select_related("hold"),
        "may_resolve": access.may_manage(job.project, request.user),
        "is_asking": any(inquiry.decided_at is None for attempt in attempts for inquiry in attempt.inquiries.all()),
        "has_callback": bool(settings.PUBLIC_URL),
        "form": form,
        "form_number": number,
        "now": now,
    }
    return render(request, "unknowns/unknown.html", page, status=status)


@require_POST
def claim(request: Request, job_id: uuid.UUID) -> HttpResponseRedirect:
    job = access.job_for(request.user, job_id, Role.MANAGER)
    try:
        unknowns.claim(job, request.user, timezone.now())
    except unknowns.Resolved:
        messages.info(request, RESOLVED)
    return redirect("unknown", job.pk)


@require_POST
def attach(request: Request, job_id: uuid.UUID, number: int) -> HttpResponse:
    """Has the relay asked for the task; what it says stands on the page as soon as it is known."""
    attempt = _attempt(request, job_id, number)
    form = TaskForm(request.POST)
    if form.is_valid():
        try:
            task_id = form.cleaned_data["task_id"]
            unknowns.attach(attempt, task_id=task_id, actor=request.user, now=timezone.now())
        except unknowns.Resolved:
            messages.info(request, RESOLVED)
        except unknowns.NotATaskId:
            form.add_error("task_id", _("No relay gives such an id: letters, digits and . _ - only, no spaces."))
    if form.errors:
        return _page(request, attempt.job, form, number, status=422)
    return redirect("unknown", attempt.job_id)


@require_http_methods(["GET", "HEAD", "POST"])
def not_made(request: Request, job_id: uuid.UUID, number: int) -> HttpResponse:
    """The second step: a reason and a word of honour; then the hold is given back."""
    attempt = _attempt(request, job_id, number)
    form = NotMadeForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _confirm(request, attempt, form, "unknowns/not_made.html")
    try:
        reason = form.cleaned_data["reason"]
        unknowns.confirm_not_made(attempt, actor=request.user, reason=reason, now=timezone.now())
    except unknowns.Resolved:
        messages.info(request, RESOLVED)
    else:
        messages.success(request, _("Settled as not made: what was held for it is free again."))
    return redirect(attempt.job)


@require_http_methods(["GET", "HEAD", "POST"])
def send_again(request: Request, job_id: uuid.UUID, number: int) -> HttpResponse:
    """The second step: knowing the risk, a new attempt with a hold of its own."""
    attempt = _attempt(request, job_id, number)
    form = AgainForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _confirm(request, attempt, form, "unknowns/again.html")
    try:
        unknowns.send_again(attempt, actor=request.user, now=timezone.now())
    except unknowns.Resolved:
        messages.info(request, RESOLVED)
    except (OverBudget, Paused, ProjectArchived) as error:
        form.add_error(None, why_not(error))
        return _confirm(request, attempt, form, "unknowns/again.html")
    return redirect(attempt.job)


def _confirm(request: Request, attempt: Attempt, form: forms.Form, template: str) -> HttpResponse:
    page: dict[str, Any] = {"job": attempt.job, "attempt": attempt, "form": form}
    if not unknowns.is_open(attempt):
        messages.info(request, RESOLVED)
        return redirect(attempt.job)
    return render(request, template, page, status=422 if form.errors else 200)


def _attempt(request: Request, job_id: uuid.UUID, number: int) -> Attempt:
    job = access.job_for(request.user, job_id, Role.MANAGER)
    attempt = job.attempts.select_related("hold", "job__project", "job__user").filter(number=number).first()
    if attempt is None:
        raise Http404
    return attempt
