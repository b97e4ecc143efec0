"""Input: what a job's model is shown, frozen with the job. RelayFile: where a relay keeps a file that it is shown."""

from __future__ import annotations

from collections.abc import Collection

from django.db import models
from django.db.models import Count, Q

from generations.composer.ask import Given
from generations.jobs.states import UNFINISHED
from generations.media import uses
from generations.media.models import MediaFile
from generations.media.uses import Use


class Input(models.Model):
    """One thing in the order of the tray. `tag` is its name in the job's prompt."""

    class Role(models.TextChoices):
        REFERENCE_IMAGE = "reference_image"
        REFERENCE_VIDEO = "reference_video"
        REFERENCE_AUDIO = "reference_audio"
        FIRST_FRAME = "first_frame"
        LAST_FRAME = "last_frame"

    job = models.ForeignKey("generations.Job", models.PROTECT, related_name="inputs")
    position = models.PositiveSmallIntegerField()
    role = models.CharField(max_length=16, choices=Role)
    tag = models.CharField(max_length=10)
    media = models.ForeignKey(MediaFile, models.PROTECT, related_name="inputs")

    class Meta:
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=["job", "position"], name="input_position_once"),
            models.UniqueConstraint(fields=["job", "tag"], name="input_tag_once"),
        )

    def __str__(self) -> str:
        return f"{self.job_id} {self.tag}"

    @property
    def given(self) -> Given:
        return given_of(self.media, tag=self.tag, role=self.role)


class RelayFile(models.Model):
    """A media file as one relay keeps it, until its address stops working."""

    media = models.ForeignKey(MediaFile, models.CASCADE, related_name="relay_files")
    is_sandbox = models.BooleanField()
    url = models.TextField()
    kept_at = models.DateTimeField()
    failed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["media", "is_sandbox"], condition=Q(failed_at=None), name="relay_file_once_while_it_works"
            ),
        )

    def __str__(self) -> str:
        return f"{self.media} at {'sandbox' if self.is_sandbox else 'relay'}"


def given_of(media: MediaFile, *, tag: str, role: str) -> Given:
    """What a model is shown when it is shown this file."""
    return Given(
        tag=tag,
        role=role,
        kind=str(media.kind),
        media_id=media.pk,
        sha256=media.sha256,
        milliseconds=media.duration_ms or 0,
        width_px=media.width_px or 0,
        height_px=media.height_px or 0,
        size_bytes=media.size_bytes,
    )


def count_uses(media_ids: Collection[int]) -> dict[int, Use]:
    """How many jobs are shown each of these files, and how many of them have not ended."""
    unfinished = Count("job", distinct=True, filter=Q(job__state__in=UNFINISHED))
    rows = Input.objects.filter(media__in=media_ids).values("media").order_by()
    counted = rows.annotate(jobs=Count("job", distinct=True), unfinished=unfinished)
    return {row["media"]: Use(row["jobs"], row["unfinished"]) for row in counted}


uses.register(count_uses)
