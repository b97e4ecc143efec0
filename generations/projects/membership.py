"""Verbs: a project made and archived, its people added, moved and removed. It always keeps a manager."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from generations.accounts.models import User
from generations.projects.models import Membership, Project, Role


class LastManager(Exception):
    """The project would be left without a manager; nothing was changed."""


def create_project(name: str, user: User, now: dt.datetime) -> Project:
    """A project with this person as its manager, at a free address made from its name."""
    for number in range(1, 100):
        try:
            with transaction.atomic():
                slug = _slug(name, number)
                project = Project.objects.create(name=name, slug=slug, created_by=user, created_at=now)
                Membership.objects.create(project=project, user=user, role=Role.MANAGER, created_at=now)
                return project
        except IntegrityError:
            if not Project.objects.filter(slug=slug).exists():
                raise
    raise ValueError(f"no free address for {name!r}")


def _slug(name: str, number: int) -> str:
    stem = slugify(name)[:80].strip("-") or "project"
    return stem if number == 1 else f"{stem}-{number}"


def set_archived(project: Project, archived: bool, now: dt.datetime) -> None:
    """Archives or takes back out; an archived project takes no new jobs, those under way end as they would."""
    if project.is_archived != archived:
        project.archived_at = now if archived else None
        project.save(update_fields=["archived_at"])


def add_member(project: Project, user: User, role: Role, now: dt.datetime) -> Membership:
    """Gives this person the role; a member already there changes to it. Raises LastManager."""
    member, made = Membership.objects.get_or_create(
        project=project, user=user, defaults={"role": role, "created_at": now}
    )
    if not made:
        set_role(member, role)
    return member


def set_role(member: Membership, role: Role) -> None:
    """Raises LastManager."""
    with transaction.atomic():
        Membership.objects.filter(pk=member.pk).update(role=role)
        _keep_a_manager(member.project)


def remove_member(member: Membership) -> None:
    """Raises LastManager."""
    with transaction.atomic():
        Membership.objects.filter(pk=member.pk).delete()
        _keep_a_manager(member.project)


def _keep_a_manager(project: Project) -> None:
    # The update comes first: on PostgreSQL the lock on the project makes two such changes wait for one another.
    Project.objects.select_for_update().get(pk=project.pk)
    if not project.memberships.filter(role=Role.MANAGER).exists():
        raise LastManager(project.slug)
