"""A collection as files: a ZIP made while it is sent, and an editor's lists. Nothing is kept on the disk for it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.files.storage import default_storage
from django.utils.text import slugify
from zipstream import ZIP_STORED, ZipStream

from generations.gallery import talking
from generations.gallery.cutting import Clip, Mark, edl, fcpxml
from generations.gallery.models import Item
from generations.gallery.times import show_ms
from generations.media.naming import download_name
from generations.media.serving import BLOCK_BYTES


@dataclass(frozen=True, slots=True)
class Bundle:
    """Items under readable names, numbered in their order; `costs` says whose cost may be told."""

    name: str
    items: list[Item]
    costs: Callable[[Item], bool]

    @property
    def file_name(self) -> str:
        """dusk-rushes, without an ending."""
        return slugify(self.name, allow_unicode=True)[:60].strip("-_") or "collection"

    def file_names(self) -> list[str]:
        """01-dusk-walk-2026-11-22-480p.mp4"""
        return [
            f"{number:02}-{download_name(_words(item), item.created_at, item.resolution, item.media.extension)}"
            for number, item in enumerate(self.items, 1)
        ]

    def stream(self) -> ZipStream:
        """Stored, not deflated: clips do not get smaller. Its length is known before its first byte."""
        stream = ZipStream(compress_type=ZIP_STORED, sized=True)
        folder = self.file_name
        for name, item in zip(self.file_names(), self.items, strict=True):
            stream.add(_blocks(item.media.storage_name), f"{folder}/{name}", size=item.media.size_bytes)
        for name, text in ((f"{folder}.edl", self.edl()), (f"{folder}.fcpxml", self.fcpxml())):
            stream.add(text.encode(), f"{folder}/{name}")
        stream.add(json.dumps(self.manifest(), indent=2, ensure_ascii=False).encode(), f"{folder}/manifest.json")
        return stream

    def edl(self) -> str:
        return edl(self.name, self.clips())

    def fcpxml(self) -> str:
        return fcpxml(self.name, self.clips())

    def clips(self) -> list[Clip]:
        """The moving ones, as an editor's list tells them."""
        pairs = zip(self.file_names(), self.items, strict=True)
        return [_clip(name, item) for name, item in pairs if item.is_video]

    def manifest(self) -> dict[str, Any]:
        pairs = zip(self.file_names(), self.items, strict=True)
        return {"collection": self.name, "items": [self._told(name, item) for name, item in pairs]}

    def _told(self, name: str, item: Item) -> dict[str, Any]:
        job, media = item.job, item.media
        told: dict[str, Any] = {
            "file": name,
            "sha256": media.sha256,
            "size_bytes": media.size_bytes,
            "title": item.heading,
            "tags": item.tags,
            "prompt": job.prompt,
            "model": item.model.name,
            "resolution": item.resolution,
            "ratio": item.ratio,
            "seconds": item.seconds,
            "sound": item.has_sound,
            "seed": job.seed,
            "made_at": item.created_at.isoformat(),
            "made_by": str(item.user),
            "review": item.review or "none",
            "stars": item.rating_hundredths / 100,
            "comments": [_said(thread) for thread in talking.threads_of(item)],
        }
        return told | ({"cost_micros": item.cost_micros, "currency": item.currency} if self.costs(item) else {})


def _words(item: Item) -> str:
    return item.title or item.job.prompt


def _blocks(storage_name: str) -> Iterator[bytes]:
    with default_storage.open(storage_name, "rb") as file:
        while block := file.read(BLOCK_BYTES):
            yield block


def _clip(name: str, item: Item) -> Clip:
    media = item.media
    marks = [
        Mark(
            thread.comment.start_ms or 0,
            thread.comment.end_ms,
            thread.comment.text,
            thread.comment.who,
            thread.comment.is_resolved,
        )
        for thread in talking.threads_of(item)
        if not thread.comment.deleted_at
    ]
    length_ms = media.duration_ms or item.seconds * 1000
    size = (media.width_px or 0, media.height_px or 0)
    return Clip(name, item.heading, length_ms, media.frames_per_second, *size, item.has_sound, marks)


def _said(thread: talking.Thread) -> dict[str, Any]:
    first = thread.comment
    return {
        "at": None if first.start_ms is None else show_ms(first.start_ms),
        "until": None if first.end_ms is None else show_ms(first.end_ms),
        "who": first.who,
        "text": first.text,
        "resolved": first.is_resolved,
        "answers": [{"who": said.comment.who, "text": said.comment.text} for said in thread.answers],
    }
