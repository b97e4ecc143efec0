"""VideoModel, Sku, PriceList, Price: what can be asked for, at what price. Verbs: pricing.py, importing.py."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What a model makes, and so what a job is for."""

    CLIP = "clip", _("Clip")
    IMAGE = "image", _("Image")
    UPSCALE = "upscale", _("Upscale")


class Audio(models.TextChoices):
    OPTIONAL = "optional"
    ALWAYS = "always"
    SELECTS_SKU = "selects_sku"
    NONE = "none"


class Unit(models.TextChoices):
    PER_MILLION_TOKENS = "per_million_tokens"
    PER_SECOND = "per_second"
    PER_IMAGE = "per_image"
    UNKNOWN = "unknown"


class Sound(models.TextChoices):
    """Whether sound chooses the sku: only Seedance 1.5 Pro has one sku with and one without."""

    ANY = "any"
    WITH = "with"
    WITHOUT = "without"


class VideoModelQuerySet(models.QuerySet["VideoModel"]):
    def listed(self, *kinds: Kind) -> Self:
        """Models that the newest catalogue still lists, in its order: those that make clips, or these kinds."""
        return self.filter(is_listed=True, kind__in=kinds or (Kind.CLIP,)).order_by("position", "name")


class VideoModel(models.Model):
    """One model of the catalogue and its capabilities, as the newest import gave them: clips, images or an upscale.

    An image model has sizes ("1024x1024") where others have resolutions, and 0 seconds.
    """

    kind = models.CharField(max_length=8, choices=Kind, default=Kind.CLIP, db_default=Kind.CLIP)
    name = models.CharField(max_length=80, unique=True)
    label = models.CharField(max_length=80)
    vendor = models.CharField(max_length=80)
    position = models.PositiveIntegerField(default=0)
    is_listed = models.BooleanField(default=True)
    min_seconds = models.PositiveSmallIntegerField()
    max_seconds = models.PositiveSmallIntegerField()
    default_seconds = models.PositiveSmallIntegerField()
    ratios = models.JSONField(default=list)
    audio = models.CharField(max_length=12, choices=Audio)
    references = models.JSONField(null=True, blank=True)  # {"image": 9, "video": 3, "audio": 3, "total": 12}
    takes_first_frame = models.BooleanField(default=False)
    takes_last_frame = models.BooleanField(default=False)
    takes_seed = models.BooleanField(default=False)
    most_images = models.PositiveSmallIntegerField(default=0, db_default=0)  # that one request may ask for
    note = models.TextField(blank=True)

    objects: ClassVar[VideoModelQuerySet] = VideoModelQuerySet.as_manager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.label


class Sku(models.Model):
    """What the relay calls a model at one resolution, sound and kind of input; `relay_model` is sent as "model"."""

    model = models.ForeignKey(VideoModel, models.CASCADE, related_name="skus")
    relay_model = models.CharField(max_length=80)
    resolution = models.CharField(max_length=10)
    sound = models.CharField(max_length=8, choices=Sound, default=Sound.ANY)
    input = models.CharField(max_length=12, blank=True)  # t2v, i2v, r2v, video-edit; '': input does not choose
    unit = models.CharField(max_length=20, choices=Unit)
    position = models.PositiveIntegerField(default=0)
    is_listed = models.BooleanField(default=True)
    is_live = models.BooleanField(default=True, db_default=True)  # False: announced, not served yet

    class Meta:
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=["model", "relay_model", "resolution", "sound", "input"], name="sku_once"),
        )

    def __str__(self) -> str:
        return f"{self.relay_model} · {self.resolution}"


class PriceList(models.Model):
    """One whole price list; never edited. The newest is in force, a job keeps the price it was asked at."""

    number = models.PositiveIntegerField(unique=True)
    source = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-number",)

    def __str__(self) -> str:
        return f"list {self.number}"


class Price(models.Model):
    price_list = models.ForeignKey(PriceList, models.CASCADE, related_name="prices")
    relay_model = models.CharField(max_length=80)
    unit = models.CharField(max_length=20, choices=Unit)
    amount_micros = models.BigIntegerField()  # per unit; for text models per million input tokens
    output_amount_micros = models.BigIntegerField(null=True)  # text models: per million output tokens
    captured = models.CharField(max_length=20, blank=True)  # the day it was read, as the source says it
    basis = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["price_list", "relay_model"], name="price_once_a_list"),
            models.CheckConstraint(condition=models.Q(amount_micros__gte=0), name="price_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.relay_model} {self.amount_micros} per {self.unit}"
