"""MediaFile: bytes kept once by hash, and what was measured of them. Who may see one is decided by jobs.Output."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class MediaFile(models.Model):
    class Kind(models.TextChoices):
        VIDEO = "video"
        IMAGE = "image"
        AUDIO = "audio"

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

    def __str__(self) -> str:
        return self.sha256[:12]

    @property
    def extension(self) -> str:
        return self.storage_name.rsplit(".", 1)[-1]

    @property
    def has_sound(self) -> bool:
        return bool(self.audio_codec)
