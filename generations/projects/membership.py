"""Verbs: a project made and archived, its people added, moved and removed. It always keeps a manager."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from generations.accounts import audit
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
                audit.record("project.made", about=project.slug, after={"name": name}, actor=user, now=now)
                return project
        except IntegrityError:
            if not Project.objects.filter(slug=slug).exists():
                raise
    raise ValueError(f"no free address for {name!r}")


def _slug(name: str, number: int) -> str:
    stem = slugify(name)[:80].strip("-") or "project"
    return stem if number == 1 else f"{stem}-{number}"


@transaction.atomic
def rename(project: Project, name: str, now: dt.datetime) -> None:
    """Gives another name; the address stays."""
    before, project.name = project.name, name
    project.save(update_fields=["name"])
    audit.record("project.renamed", about=project.slug, before={"name": before}, after={"name": name}, now=now)


@transaction.atomic
def set_archived(project: Project, archived: bool, now: dt.datetime) -> None:
    """Archives or takes back out; an archived project takes no new jobs, those under way end as they would."""
    if project.is_archived != archived:
        project.archived_at = now if archived else None
        project.save(update_fields=["archived_at"])
        audit.record("project.archived", about=project.slug, after={"archived": archived}, now=now)


@transaction.atomic
def add_member(project: Project, user: User, role: Role, now: dt.datetime) -> Membership:
    """Gives this person the role; a member already there changes to it. Raises LastManager."""
    member, made = Membership.objects.get_or_create(
        project=project, user=user, defaults={"role": role, "created_at": now}
    )
    if made:
        audit.record("member.added", about=_whose(member), after={"role": role}, now=now)
    else:
        set_role(member, role, now)
    return member


@transaction.atomic
def set_role(member: Membership, role: Role, now: dt.datetime) -> None:
    """Raises LastManager."""
    Membership.objects.filter(pk=member.pk).update(role=role)
    _keep_a_manager(member.project)
    audit.record("member.role", about=_whose(member), before={"role": member.role}, after={"role": role}, now=now)


@transaction.atomic
def remove_member(member: Membership, now: dt.datetime) -> None:
    """Raises LastManager."""
    gone, _ = Membership.objects.filter(pk=member.pk).delete()
    _keep_a_manager(member.project)
    if gone:
        audit.record("member.removed", about=_whose(member), before={"role": member.role}, now=now)


def _whose(member: Membership) -> str:
    return f"{member.user.email} in {member.project.slug}"


def _keep_a_manager(project: Project) -> None:
    # The update comes first: on PostgreSQL the lock on the project makes two such changes wait for one another.
    Project.objects.select_for_update().get(pk=project.pk)
    if not project.memberships.filter(role=Role.MANAGER).exists():
        raise LastManager(project.slug)
