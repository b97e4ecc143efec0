"""ShareLink: an address by which people outside watch one item or one collection. Verbs: sharing.py."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from generations.accounts.models import User
from generations.gallery.collections import Collection
from generations.gallery.models import Item


class ShareLinkQuerySet(models.QuerySet["ShareLink"]):
    def live(self, now: dt.datetime) -> Self:
        """Neither revoked nor expired. Whether there is anything left to see behind it, sharing.py says."""
        return self.filter(revoked_at=None, expires_at__gt=now)


class ShareLink(models.Model):
    """The token itself is shown once, when it is made; here lies its hash."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    token_hash = models.CharField(max_length=64, unique=True)  # sha256
    item = models.ForeignKey(Item, models.CASCADE, null=True, related_name="shares")
    collection = models.ForeignKey(Collection, models.CASCADE, null=True, related_name="shares")
    name = models.CharField(_("for whom"), max_length=80, blank=True)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    password = models.CharField(max_length=128, blank=True)  # hashed; '': none
    shows_prompt = models.BooleanField(default=False)
    shows_cost = models.BooleanField(default=False)
    shows_names = models.BooleanField(default=False)
    takes_comments = models.BooleanField(default=False)
    views = models.PositiveIntegerField(default=0)
    viewed_at = models.DateTimeField(null=True)
    wrong_passwords = models.PositiveSmallIntegerField(default=0)  # since `wrong_since`
    wrong_since = models.DateTimeField(null=True)

    objects: ClassVar[ShareLinkQuerySet] = ShareLinkQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ("-created_at",)
        constraints = (
            models.CheckConstraint(
                condition=Q(item__isnull=False, collection=None) | Q(item=None, collection__isnull=False),
                name="share_of_one_thing",
            ),
        )

    def __str__(self) -> str:
        return f"share {self.pk}"
