"""Every permission rule of the pages. A stranger gets 404, a teammate without the role 403."""

from __future__ import annotations

import uuid

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404

from generations.accounts.models import Seat, User
from generations.gallery.models import Item
from generations.jobs.models import Job, Output
from generations.ledger import sight
from generations.media.models import Asset
from generations.projects.models import Project, Role


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
    outputs = Output.objects.visible_to(user).filter(media__isnull=False).select_related("media", "job")
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


def role_in(project: Project, user: User) -> Role:
    """What this person, who may see the project, may do in it; a billing seat only watches."""
    return project.role_of(user) or Role.VIEWER


def may_generate(project: Project, user: User) -> bool:
    return role_in(project, user).covers(Role.MEMBER)


def may_manage(project: Project, user: User) -> bool:
    return role_in(project, user).covers(Role.MANAGER)


def may_create_projects(user: User) -> bool:
    return user.is_active and user.seat != Seat.BILLING


def may_set_budget(user: User, project: Project | None) -> bool:
    """Admins and billing set every budget, managers that of their project; `project` None: of the studio, a person."""
    return sight.sees_all(user) or (project is not None and may_manage(project, user))


def require(allowed: bool) -> None:
    if not allowed:
        raise PermissionDenied
