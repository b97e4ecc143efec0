"""MediaFile: bytes kept once by hash, and what was measured of them. Asset: one in a project's library, or on its way.

Who may see the bytes of a job's result is decided by jobs.Output, of an asset by its project.
"""

from __future__ import annotations

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from generations.accounts.models import User
from generations.projects.models import Project


class MediaFile(models.Model):
    class Kind(models.TextChoices):
        VIDEO = "video", _("Video")
        IMAGE = "image", _("Image")
        AUDIO = "audio", _("Audio")

    sha256 = models.CharField(max_length=64, unique=True)
    size_bytes = models.BigIntegerField()
    kind = models.CharField(max_length=5, choices=Kind)
    content_type = models.CharField(max_length=40)
    storage_name = models.CharField(max_length=120)  # in the default storage: media/ab/abcdef….mp4
    width_px = models.PositiveIntegerField(null=True)
    height_px = models.PositiveIntegerField(null=True)
    duration_ms = models.PositiveIntegerField(null=True)
    frames_per_second = models.FloatField(null=True)
    video_codec = models.CharField(max_length=20, blank=True)
    audio_codec = models.CharField(max_length=20, blank=True)  # '' = silent
    poster_name = models.CharField(max_length=120, blank=True)  # '' = could not be made; the clip itself is kept
    preview_name = models.CharField(max_length=120, blank=True)
    strip_name = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    kept_at = models.DateTimeField(default=timezone.now, db_default=Now(), db_index=True)  # when they last came in

    def __str__(self) -> str:
        return self.sha256[:12]

    @property
    def extension(self) -> str:
        return self.storage_name.rsplit(".", 1)[-1]

    @property
    def has_sound(self) -> bool:
        return bool(self.audio_codec)


class Discarded(models.Model):
    """Files whose media file was given up, until they are removed."""

    sha256 = models.CharField(max_length=64, unique=True)
    names = models.JSONField()  # in the default storage
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "discarded"

    def __str__(self) -> str:
        return self.sha256[:12]


class AssetQuerySet(models.QuerySet["Asset"]):
    def visible_to(self, user: User) -> Self:
        """The assets that this person may see: those of the projects that they may see, without the deleted ones."""
        return self.present().filter(project__in=Project.objects.visible_to(user))

    def present(self) -> Self:
        return self.filter(deleted_at=None)

    def named(self, words: str) -> Self:
        """Those whose name has every one of these words, in any case and order."""
        return self.filter(*(Q(name__icontains=word) for word in words.split()))


class Asset(models.Model):
    """A file of a project's library; the bytes are a media file, which several assets may share."""

    class State(models.TextChoices):
        ARRIVING = "arriving", _("Arriving")  # its address is being fetched
        READY = "ready", _("Ready")
        REFUSED = "refused", _("Refused")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="assets")
    uploader = models.ForeignKey(User, models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=120)
    state = models.CharField(max_length=8, choices=State)
    media = models.ForeignKey(MediaFile, models.PROTECT, null=True, related_name="assets")
    refusal = models.CharField(max_length=300, blank=True)  # the rule, in words
    source_url = models.TextField(blank=True)  # only while it is arriving: addresses may carry secrets
    fetch_at = models.DateTimeField(null=True)  # when somebody must look at one that is arriving
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)
    deleted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects: ClassVar[AssetQuerySet] = AssetQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ("-created_at", "-id")
        indexes = (
            models.Index(fields=["project", "-created_at", "-id"], name="asset_library"),
            models.Index(fields=["fetch_at"], condition=Q(fetch_at__isnull=False), name="asset_due"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["project", "media"],
                condition=Q(deleted_at=None, media__isnull=False),
                name="asset_once_in_a_library",
            ),
            models.CheckConstraint(
                condition=Q(state="arriving", media=None, fetch_at__isnull=False)
                | Q(state="ready", media__isnull=False, fetch_at=None)
                | Q(state="refused", media=None, fetch_at=None),
                name="asset_state_fits",
            ),
        )

    def __str__(self) -> str:
        return self.name
