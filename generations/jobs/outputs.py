"""Output: a job's result, and who may watch it."""

from __future__ import annotations

import uuid
from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from generations.accounts.models import User
from generations.media.models import MediaFile
from generations.projects.models import Project

POSITIONS = 100  # kept free for the images of each attempt


class OutputQuerySet(models.QuerySet["Output"]):
    def visible_to(self, user: User) -> Self:
        """The outputs that this person may watch: also those of projects whose gallery is open to the studio."""
        return self.filter(job__project__in=Project.objects.with_gallery_for(user))


class Output(models.Model):
    """A job's result: where the relay keeps it for a while, and the media file that we keep.

    A clip stands at position 0, that of an attempt sent again over at the attempt's number. Images stand at a hundred
    times the number of their attempt and on.
    """

    class Reason(models.TextChoices):
        """Why there are no bytes, though the relay was paid: a closed list."""

        EXPIRED = "expired", _("The relay's link expired before it could be kept.")
        NO_URL = "no_url", _("The relay said that it was done but never gave a clip.")
        BAD_TYPE = "bad_type", _("What the relay gave is neither a clip nor an image.")
        TOO_LARGE = "too_large", _("It is larger than the studio keeps.")
        CRASHED = "crashed", _("Keeping it has brought the studio's workers down three times.")
        FORBIDDEN = "forbidden", _("The relay pointed to an address that the studio may not read.")
        LOST = "lost", _("It came with the answer itself, and the studio could not put it down.")
        DELETED = "deleted", _("It was deleted, and its time in the bin is over.")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    job = models.ForeignKey("generations.Job", models.PROTECT, related_name="outputs")
    position = models.PositiveSmallIntegerField(default=0)
    source_url = models.TextField(blank=True)
    arrived_name = models.CharField(max_length=120, blank=True, db_default="")  # in the storage: bytes of the answer
    expires_at = models.DateTimeField(null=True)
    media = models.ForeignKey(MediaFile, models.PROTECT, null=True, related_name="outputs")
    archive_reason = models.CharField(max_length=12, choices=Reason, blank=True)
    created_at = models.DateTimeField()

    objects: ClassVar[OutputQuerySet] = OutputQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ("position",)
        indexes = (models.Index(fields=["created_at"], name="output_created"),)
        constraints = (models.UniqueConstraint(fields=["job", "position"], name="output_position_once"),)

    def __str__(self) -> str:
        return f"{self.job_id} output {self.position}"

    @property
    def is_image(self) -> bool:
        return self.position >= POSITIONS

    @property
    def attempt_number(self) -> int:
        """Whose result it is; 0 of the job's own clip, which is that of the newest attempt."""
        return self.position // POSITIONS or self.position
