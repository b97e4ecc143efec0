"""Collection, CollectionEntry: items in an order, for oneself, a project or the whole studio. Verbs: collecting.py.

Who sees a collection sees of its items those that they may see anyway: gathering gives nobody sight.
"""

from __future__ import annotations

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from generations.accounts.models import User
from generations.gallery.models import Item
from generations.projects.models import Project


class CollectionQuerySet(models.QuerySet["Collection"]):
    def visible_to(self, user: User) -> Self:
        """One's own, those of the projects that one sees, and those of the studio."""
        if not user.is_active:
            return self.none()
        shared = Q(sharing="project", project__in=Project.objects.visible_to(user))
        return self.filter(deleted_at=None).filter(Q(owner=user) | Q(sharing="studio") | shared)


class Collection(models.Model):
    class Sharing(models.TextChoices):
        OWN = "own", _("Only me")
        PROJECT = "project", _("A project")
        STUDIO = "studio", _("The whole studio")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=80)
    owner = models.ForeignKey(User, models.PROTECT, related_name="collections")
    sharing = models.CharField(max_length=7, choices=Sharing, default=Sharing.OWN)
    project = models.ForeignKey(Project, models.PROTECT, null=True, related_name="collections")
    cover = models.ForeignKey(Item, models.SET_NULL, null=True, related_name="+")  # None: its first item
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)  # the links to it are dead then, what guests said stays

    objects: ClassVar[CollectionQuerySet] = CollectionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ("name", "id")
        constraints = (
            models.CheckConstraint(
                condition=Q(sharing="project", project__isnull=False) | Q(sharing__in=("own", "studio"), project=None),
                name="collection_of_its_project",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/collections/{self.pk}/"


class CollectionEntry(models.Model):
    """An item's place in a collection; positions rise, with gaps where something was taken out."""

    collection = models.ForeignKey(Collection, models.CASCADE, related_name="entries")
    item = models.ForeignKey(Item, models.CASCADE, related_name="entries")
    position = models.PositiveIntegerField()
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        ordering = ("position", "id")
        verbose_name_plural = "entries"
        constraints = (models.UniqueConstraint(fields=["collection", "item"], name="entry_once"),)

    def __str__(self) -> str:
        return f"{self.item_id} at {self.position}"
