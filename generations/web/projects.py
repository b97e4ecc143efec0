"""The list of projects, and a new one."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from generations.jobs.states import UNFINISHED
from generations.projects.membership import create_project
from generations.projects.models import Project
from generations.web import access
from generations.web.project_forms import ProjectForm
from generations.web.requests import Request


@require_http_methods(["GET", "HEAD", "POST"])
def projects(request: Request) -> HttpResponse:
    """The projects that this person sees; POST makes one, whose manager they become."""
    if request.method == "POST":
        return _create(request)
    return _page(request, ProjectForm())


def _create(request: Request) -> HttpResponse:
    access.require(access.may_create_projects(request.user))
    form = ProjectForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    project = create_project(form.cleaned_data["name"], request.user, timezone.now())
    messages.success(request, _("%(name)s is made. Write its first prompt.") % {"name": project.name})
    return redirect(project)


def _page(request: Request, form: ProjectForm, status: int = 200) -> HttpResponse:
    seen = Project.objects.visible_to(request.user).annotate(
        jobs_count=Count("jobs", distinct=True),
        moving_count=Count("jobs", filter=Q(jobs__state__in=UNFINISHED), distinct=True),
    )
    page = {
        "form": form,
        "may_create": access.may_create_projects(request.user),
        "active": [project for project in seen if not project.is_archived],
        "archived": [project for project in seen if project.is_archived],
    }
    return render(request, "projects/list.html", page, status=status)
