"""How the table of rights is kept: at every address, and in each project. A stranger gets 404, a low role 403."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect

from generations.accounts.models import Seat, User
from generations.accounts.second_factor import must_set_up
from generations.gallery.models import Item
from generations.jobs.models import Job, Output
from generations.media.models import Asset
from generations.projects.models import Project, Role
from generations.web import rights, routes
from generations.web.rights import Right, Standing
from generations.writing import settling
from generations.writing.models import Proposal


class RightsMiddleware:
    """Asks for the right that routes.py gives an address; rights of a project are asked for by the view, in its query.

    Whatever is not declared there, an address or a method, is refused to everybody.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        match = request.resolver_match
        way = routes.way_of(match) if match else None
        if way is None:
            raise PermissionDenied("This address is not declared in generations/web/routes.py.")
        if way is routes.CLOSED:
            raise Http404
        right = way.get(request.method or "")
        if right is None:
            return HttpResponseNotAllowed(way)
        require(right.of_project or may(request.user, right))
        return _second_factor_first(request, routes.WITHOUT_SECOND_FACTOR)


def _second_factor_first(request: HttpRequest, but_for: frozenset[str]) -> HttpResponse | None:
    """To the page where it is set up, for who must have one and has none; what they send is refused."""
    user, match = request.user, request.resolver_match
    if not isinstance(user, User) or match is None or match.view_name in but_for or not must_set_up(user):
        return None
    require(request.method in {"GET", "HEAD"})
    return redirect("mfa_index")


def standings(user: User | AnonymousUser, project: Project | None = None) -> frozenset[Standing]:
    """What this person is in this project, or in the studio alone. A billing seat is that and at most a viewer."""
    if not isinstance(user, User) or not user.is_active:
        return frozenset({Standing.SIGNED_OUT})
    if user.is_admin:
        return frozenset({Standing.ADMIN})
    role = project.role_of(user) if project else None
    here = {Standing(role)} if role else set()
    if user.seat == Seat.BILLING:
        return frozenset({Standing.BILLING} | here)
    return frozenset(here or {Standing.STRANGER})


def may(user: User | AnonymousUser, right: Right, project: Project | None = None) -> bool:
    return any(right.allows(standing) for standing in standings(user, project))


def project_for(user: User, slug: str, role: Role = Role.VIEWER) -> Project:
    """The project, for a person with at least this role. Raises Http404 (stranger), PermissionDenied (role too low)."""
    project = get_object_or_404(Project.objects.visible_to(user), slug=slug)
    require(role_in(project, user).covers(role))
    return project


def job_for(user: User, job_id: uuid.UUID, role: Role = Role.VIEWER) -> Job:
    """The job, for a person with at least this role in its project. Raises as `project_for`."""
    job = get_object_or_404(Job.objects.visible_to(user).for_card(), pk=job_id)
    require(role_in(job.project, user).covers(role))
    return job


def output_for(user: User, output_id: uuid.UUID) -> Output:
    """An output whose bytes are kept. Raises Http404."""
    outputs = Output.objects.visible_to(user).filter(media__isnull=False).select_related("media", "job__project")
    return get_object_or_404(outputs, pk=output_id)


def item_for(user: User, output_id: uuid.UUID, role: Role = Role.VIEWER) -> Item:
    """An item of the gallery by its output's id, for a person with at least this role. Raises as `project_for`.

    Somebody who only sees an open gallery has a viewer's role there.
    """
    item = get_object_or_404(Item.objects.visible_to(user).for_tile(), output=output_id)
    require(role_in(item.project, user).covers(role))
    return item


def asset_for(user: User, asset_id: uuid.UUID, role: Role = Role.VIEWER) -> Asset:
    """An asset of a library, for a person with at least this role in its project. Raises as `project_for`."""
    assets = Asset.objects.visible_to(user).select_related("project", "media", "uploader")
    asset = get_object_or_404(assets, pk=asset_id)
    require(role_in(asset.project, user).covers(role))
    return asset


def lost_words_for(user: User, proposal_id: uuid.UUID) -> Proposal:
    """A proposal of unknown outcome, for a manager of its project. Raises as `project_for`."""
    project = get_object_or_404(
        Project.objects.visible_to(user), proposals__pk=proposal_id, proposals__state=Proposal.State.UNKNOWN
    )
    require(role_in(project, user).covers(Role.MANAGER))
    return get_object_or_404(settling.open_to(user), pk=proposal_id)


def role_in(project: Project, user: User) -> Role:
    """What this person, who may see the project, may do in it; a billing seat only watches."""
    return project.role_of(user) or Role.VIEWER


def may_generate(project: Project, user: User) -> bool:
    return may(user, rights.GENERATE, project)


def may_generate_in(user: User) -> frozenset[int]:
    """The projects in which this person may generate, for lists: one query for all of them."""
    projects = Project.objects.visible_to(user).active()
    if not user.is_admin:
        roles = [] if user.seat == Seat.BILLING else [role for role in Role if role.covers(Role.MEMBER)]
        projects = projects.filter(memberships__user=user, memberships__role__in=roles)
    return frozenset(projects.values_list("pk", flat=True))


def may_watch(project: Project, user: User) -> bool:
    """Whether one sees the project itself, not only its open gallery."""
    return may(user, rights.WATCH, project)


def may_manage(project: Project, user: User) -> bool:
    return may(user, rights.MANAGE, project)


def may_create_projects(user: User) -> bool:
    return may(user, rights.MAKE_PROJECTS)


def may_set_budget(user: User, project: Project | None) -> bool:
    """`project` None: a budget of the studio or of a person."""
    return may(user, rights.SET_BUDGET, project) if project else may(user, rights.SET_ANY_BUDGET)


def require(allowed: bool) -> None:
    if not allowed:
        raise PermissionDenied
