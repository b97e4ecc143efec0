"""A project's settings: name, limit, members, archive. For its managers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from generations.ledger import budgets, money
from generations.projects import membership
from generations.projects.models import Membership, Project, Role
from generations.web import access, invitations
from generations.web.budgets import below_use
from generations.web.composer_form import studio_currency
from generations.web.invitations import InviteForm
from generations.web.project_forms import LimitForm, MemberForm, RenameForm, RoleForm, first_problem
from generations.web.requests import Request


@require_safe
def project_settings(request: Request, slug: str) -> HttpResponse:
    project = access.project_for(request.user, slug, Role.MANAGER)
    return _page(request, project)


def _page(request: Request, project: Project, status: int = 200, **forms: Any) -> HttpResponse:
    limit = budgets.limit_of(project, studio_currency())
    page = {
        "project": project,
        "members": project.memberships.select_related("user"),
        "roles": Role.choices,
        "currency": studio_currency(),
        "month": budgets.month_of(project, studio_currency(), timezone.now()),
        "rename": RenameForm(instance=project),
        "limit": LimitForm(
            currency=studio_currency(),
            initial={"limit": "" if limit is None else f"{Decimal(limit) / money.MICROS:.2f}"},
        ),
        "add": MemberForm(),
        "invite": InviteForm(),
        "invitations": invitations.open_invitations(project),
    } | forms
    return render(request, "projects/settings.html", page, status=status)


@require_POST
def rename(request: Request, slug: str) -> HttpResponse:
    """Gives another name; the address stays."""
    project = access.project_for(request.user, slug, Role.MANAGER)
    form = RenameForm(request.POST, instance=access.project_for(request.user, slug))
    if not form.is_valid():
        return _page(request, project, 422, rename=form)
    membership.rename(project, form.cleaned_data["name"], timezone.now())
    return _saved(request, project)


@require_POST
def set_limit(request: Request, slug: str) -> HttpResponse:
    """Sets or lifts the monthly limit; one below what is used already is refused."""
    project = access.project_for(request.user, slug, Role.MANAGER)
    form = LimitForm(request.POST, currency=studio_currency())
    if form.is_valid():
        try:
            budgets.set_project_limit(project, studio_currency(), form.cleaned_data["limit"], timezone.now())
            return _saved(request, project)
        except budgets.LimitBelowUse as below:
            form.add_error("limit", below_use(below.used_micros))
    return _page(request, project, 422, limit=form)


@require_POST
def add_member(request: Request, slug: str) -> HttpResponse:
    """Adds somebody who has an account, or gives them another role."""
    project = access.project_for(request.user, slug, Role.MANAGER)
    form = MemberForm(request.POST)
    if not form.is_valid():
        return _page(request, project, 422, add=form)
    try:
        membership.add_member(project, form.cleaned_data["email"], Role(form.cleaned_data["role"]), timezone.now())
    except membership.LastManager:
        return _kept(request, project)
    return _saved(request, project)


@require_POST
def invite(request: Request, slug: str) -> HttpResponse:
    """Asks an address into the project, whether or not somebody here has it."""
    project = access.project_for(request.user, slug, Role.MANAGER)
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _page(request, project, 422, invite=form)
    return _page(request, project, invited=invitations.make(request, form, project))


@require_POST
def change_member(request: Request, slug: str, member_id: int) -> HttpResponse:
    """Another role for a member; never leaves the project without a manager."""
    project = access.project_for(request.user, slug, Role.MANAGER)
    member = get_object_or_404(project.memberships, pk=member_id)
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, first_problem(form))
        return _page(request, project, 422)
    try:
        membership.set_role(member, Role(form.cleaned_data["role"]), timezone.now())
    except membership.LastManager:
        return _kept(request, project)
    return _saved(request, project)


@require_POST
def remove_member(request: Request, slug: str, member_id: int) -> HttpResponse:
    """Removes a member; one who is gone already stays gone."""
    project = access.project_for(request.user, slug, Role.MANAGER)
    member = Membership.objects.filter(project=project, pk=member_id).first()
    try:
        if member:
            membership.remove_member(member, timezone.now())
    except membership.LastManager:
        return _kept(request, project)
    return _saved(request, project)


@require_POST
def archive(request: Request, slug: str) -> HttpResponse:
    """`archived` 1 archives, 0 takes back out: pressed twice is harmless."""
    project = access.project_for(request.user, slug, Role.MANAGER)
    membership.set_archived(project, request.POST.get("archived") == "1", timezone.now())
    return redirect(project)


def _saved(request: Request, project: Project) -> HttpResponseRedirect:
    """Back to the settings, or to the list for somebody who has just left."""
    messages.success(request, _("Saved."))
    if project.role_of(request.user) != Role.MANAGER:
        return redirect("projects")
    return redirect("project_settings", slug=project.slug)


def _kept(request: Request, project: Project) -> HttpResponse:
    messages.error(request, _("A project keeps at least one manager."))
    return _page(request, project, 422)
