"""Template: a filled composer kept under a name, with blanks to fill. Verbs: templates.py."""

from __future__ import annotations

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from generations.accounts.models import User
from generations.composer import blanks
from generations.projects.models import Project


class TemplateQuerySet(models.QuerySet["Template"]):
    def usable_in(self, project: Project) -> Self:
        """The project's own, and those of the whole studio."""
        return self.filter(Q(project=project) | Q(project=None)).select_related("created_by")


class Template(models.Model):
    """`project` None: for every project of the studio."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, null=True, related_name="templates")
    name = models.CharField(_("name"), max_length=80)
    fields = models.JSONField()  # of the composer: prompt, model, resolution, …
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    objects: ClassVar[TemplateQuerySet] = TemplateQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ("name", "created_at")
        constraints = (
            models.UniqueConstraint(fields=["project", "name"], name="template_name_once"),
            models.UniqueConstraint(fields=["name"], condition=Q(project=None), name="template_name_once_in_studio"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def prompt(self) -> str:
        return str(self.fields.get("prompt", ""))

    @property
    def blanks(self) -> list[str]:
        return blanks.names(self.prompt)

    @property
    def is_of_studio(self) -> bool:
        return self.project_id is None
