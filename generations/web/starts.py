"""What a composer begins with: templates kept from it, filled, renamed, thrown away; recent prompts."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from generations.accounts.models import User
from generations.projects.models import Project, Role
from generations.starts import templates
from generations.starts.models import Template
from generations.web import access, board
from generations.web.composer_form import as_typed, typed_in
from generations.web.requests import Request


class NameForm(forms.Form):
    name = forms.CharField(max_length=80, strip=True)


@dataclass(frozen=True, slots=True)
class Row:
    """A template on its page; `may_change` for who can rename and throw it away."""

    template: Template
    may_change: bool
    blanks: tuple[tuple[str, str], ...]  # name of the field, label


@require_safe
def page(request: Request, slug: str) -> HttpResponse:
    """Every template that can be used here, each with its blanks to fill; and the person's recent prompts."""
    project = access.project_for(request.user, slug, Role.MEMBER)
    rows = [
        Row(each, _may_change(each, request.user), tuple((f"blank-{name}", name) for name in each.blanks))
        for each in Template.objects.usable_in(project)
    ]
    shown = {"project": project, "rows": rows, "recent": templates.recent(project, request.user)}
    return render(request, "starts/templates.html", shown)


@require_POST
def keep(request: Request, slug: str) -> HttpResponse:
    """Keeps what stands in the composer; the page again with every field, and what became of it."""
    project = access.project_for(request.user, slug, Role.MEMBER)
    is_for_studio = request.POST.get("for_studio") == "on"
    if is_for_studio and not request.user.is_admin:
        raise PermissionDenied
    typed = typed_in(request.POST)
    said = _kept(request, None if is_for_studio else project, typed)
    if request.htmx:
        return render(request, "starts/_keep.html", {"project": project, **said})
    composer = as_typed(project, request.user, typed, timezone.now())
    composer.key, composer.problems = request.POST.get("key", "")[:64] or composer.key, {}
    (messages.success if "kept" in said else messages.error)(request, said.get("kept") or said["wrong"])
    return board.page(request, project, composer)


def _kept(request: Request, project: Project | None, typed: dict[str, str]) -> dict[str, Any]:
    form = NameForm({"name": request.POST.get("template_name", "")})
    if not form.is_valid():
        return {"wrong": _("Give it a name of at most 80 characters.")}
    if not typed.get("prompt", "").strip():
        return {"wrong": _("Write a prompt first: a template is made of what stands in the form.")}
    name = form.cleaned_data["name"]
    try:
        templates.keep(name=name, fields=typed, project=project, user=request.user, now=timezone.now())
    except templates.NameTaken:
        return {"wrong": _("There is a template called %(name)s already.") % {"name": name}, "name": name}
    return {"kept": _("Kept as the template %(name)s.") % {"name": name}}


@require_POST
def rename(request: Request, slug: str, template_id: uuid.UUID) -> HttpResponse:
    project, template = _changeable(request, slug, template_id)
    form = NameForm(request.POST)
    try:
        if form.is_valid():
            templates.rename(template, form.cleaned_data["name"])
            messages.success(request, _("Renamed."))
        else:
            messages.error(request, _("Give it a name of at most 80 characters."))
    except templates.NameTaken:
        messages.error(request, _("There is a template of that name already."))
    return redirect("templates", slug=project.slug)


@require_POST
def delete(request: Request, slug: str, template_id: uuid.UUID) -> HttpResponse:
    """Pressed twice, the second press finds nothing and says the same."""
    project = access.project_for(request.user, slug, Role.MEMBER)
    template = Template.objects.usable_in(project).filter(pk=template_id).first()
    if template:
        access.require(_may_change(template, request.user))
        templates.delete(template)
    messages.success(request, _("The template is gone; what was made from it stays."))
    return redirect("templates", slug=project.slug)


def _changeable(request: Request, slug: str, template_id: uuid.UUID) -> tuple[Project, Template]:
    project = access.project_for(request.user, slug, Role.MEMBER)
    template = get_object_or_404(Template.objects.usable_in(project), pk=template_id)
    access.require(_may_change(template, request.user))
    return project, template


def _may_change(template: Template, user: User) -> bool:
    """One for the whole studio is the admins'."""
    return user.is_admin or not template.is_of_studio
