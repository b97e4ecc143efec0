"""A template kept, renamed, thrown away; and the prompts that a person wrote last."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping

from django.db import IntegrityError, transaction

from generations.accounts.models import User
from generations.composer import blanks
from generations.jobs.models import Job
from generations.projects.models import Project
from generations.starts.models import Template

RECENT = 8
MOST_CHARACTERS = 500  # of what is filled into one blank
LOOKED_AT = 80  # jobs, to find so many different prompts


class NameTaken(Exception):
    """Another template of the same place has this name: nothing was changed."""


def keep(*, name: str, fields: Mapping[str, str], project: Project | None, user: User, now: dt.datetime) -> Template:
    """`project` None keeps it for the whole studio, without what only one project's library has. Raises NameTaken."""
    kept = {field: value for field, value in fields.items() if value and (project or field != "tray")}
    try:
        with transaction.atomic():
            return Template.objects.create(project=project, name=name, fields=kept, created_by=user, created_at=now)
    except IntegrityError:
        raise NameTaken(name) from None


def rename(template: Template, name: str) -> None:
    """Raises NameTaken."""
    try:
        with transaction.atomic():
            Template.objects.filter(pk=template.pk).update(name=name)
    except IntegrityError:
        raise NameTaken(name) from None


def delete(template: Template) -> None:
    """What was made from it stays."""
    Template.objects.filter(pk=template.pk).delete()


def recent(project: Project, user: User) -> list[Job]:
    """The jobs of this person's last different prompts here, the newest first."""
    found: dict[str, Job] = {}
    for job in project.jobs.filter(user=user).order_by("-created_at")[:LOOKED_AT]:
        found.setdefault(job.prompt, job)
    return list(found.values())[:RECENT]


def begun(project: Project, query: Mapping[str, str]) -> dict[str, str]:
    """The composer's fields by `template` and `blank-<name>` of an address; {} when no such template is usable here."""
    try:
        wanted = uuid.UUID(query.get("template") or "")
    except ValueError:
        return {}
    template = Template.objects.usable_in(project).filter(pk=wanted).first()
    if template is None:
        return {}
    words = {name: str(query.get(f"blank-{name}") or "")[:MOST_CHARACTERS] for name in template.blanks}
    return {**template.fields, "prompt": blanks.filled(template.prompt, words)}
