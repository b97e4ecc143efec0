"""Upscales: a kept clip rendered larger by a model that takes one video and no words, as a job of its own."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from math import ceil

from generations.accounts.models import User
from generations.catalog import pricing
from generations.catalog.models import Kind, Sku
from generations.composer.ask import VideoAsk
from generations.jobs.estimate import Quote, quote
from generations.jobs.inputs import given_of
from generations.jobs.lifecycle import queue_job
from generations.jobs.models import Job, Output
from generations.media.models import MediaFile
from generations.media.rules import MAX_BYTES, MAX_SECONDS, MIN_VIDEO_SECONDS, PADDING_MS
from generations.relay.frames import WIDE

TAG = "video1"


class NoClip(Exception):
    """There is no kept clip that could be made larger."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One upscale as a page offers it; `quote` None while it has no price."""

    sku: Sku
    quote: Quote | None
    is_smaller: bool  # the clip is as large already
    is_too_long: bool

    @property
    def is_open(self) -> bool:
        return bool(self.sku.is_live and self.quote and not self.is_smaller and not self.is_too_long)


def offers(output: Output) -> list[Offer]:
    """Every upscale of the catalogue for this clip, those only announced among them."""
    media = _clip(output)
    skus = Sku.objects.filter(model__kind=Kind.UPSCALE, model__is_listed=True, is_listed=True)
    return [
        Offer(sku, _quote(output, sku), _is_as_large(media, sku.resolution), not _is_taken(media))
        for sku in skus.select_related("model").order_by("model__position", "position")
    ]


def upscale(output: Output, resolution: str, *, user: User, key: str, now: dt.datetime) -> Job:
    """Queues it with the clip's job as its parent. Raises NoClip, and what queue_job raises."""
    media = _clip(output)
    if _is_as_large(media, resolution) or not _is_taken(media):
        raise NoClip(str(output))
    model = Sku.objects.filter(model__kind=Kind.UPSCALE, resolution=resolution, is_listed=True).first()
    if model is None:
        raise NoClip(resolution)
    job = output.job
    return queue_job(project=job.project, user=user, ask=ask_for(output, model), key=key, now=now, parent=job)


def ask_for(output: Output, sku: Sku) -> VideoAsk:
    media = _clip(output)
    return VideoAsk(
        kind=Kind.UPSCALE,
        prompt="",
        model=sku.model.name,
        resolution=sku.resolution,
        ratio=output.job.ratio or "16:9",
        seconds=ceil((media.duration_ms or 0) / 1000),
        audio=False,
        given=(given_of(media, tag=TAG, role="reference_video"),),
    )


def _quote(output: Output, sku: Sku) -> Quote | None:
    try:
        return quote(ask_for(output, sku), sku.model)
    except (pricing.NoSku, pricing.NoPrice):
        return None


def _clip(output: Output) -> MediaFile:
    if output.media is None or output.media.kind != MediaFile.Kind.VIDEO:
        raise NoClip(str(output))
    return output.media


def _is_as_large(media: MediaFile, resolution: str) -> bool:
    short_px = WIDE[resolution][1] if resolution in WIDE else 0
    return min(media.width_px or 0, media.height_px or 0) >= short_px


def _is_taken(media: MediaFile) -> bool:
    """Whether it keeps to the limits of a video that is shown. Source: contract, Submit."""
    low, high = MIN_VIDEO_SECONDS * 1000 - PADDING_MS, MAX_SECONDS * 1000 + PADDING_MS
    return low <= (media.duration_ms or 0) <= high and media.size_bytes <= MAX_BYTES[MediaFile.Kind.VIDEO]
