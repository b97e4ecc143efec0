"""The tray of the composer: what its chips stand for, and what each of its buttons does. Its view: composer.py."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from generations.composer import tray as chips
from generations.composer.ask import Given
from generations.composer.tray import Chip, Tray
from generations.jobs.inputs import given_of
from generations.jobs.models import Job
from generations.media.models import Asset, AssetQuerySet, MediaFile
from generations.projects.models import Project

PICKS = 24
NOTHING = uuid.UUID(int=0)  # the id of no asset


@dataclass(frozen=True, slots=True)
class Shown:
    """A chip as the form shows it; `asset` None when it is not in the library any more."""

    chip: Chip
    asset: Asset | None

    @property
    def given(self) -> Given | None:
        media = self.asset and self.asset.media
        return given_of(media, tag=self.chip.tag, role=self.chip.role) if media else None


@dataclass(frozen=True, slots=True)
class Pick:
    """One of the library to choose; each `no_…` says why its button is greyed, '' when it is not."""

    asset: Asset
    no_reference: str
    no_first: str
    no_last: str


def shown(project: Project, text: str) -> list[Shown]:
    """The chips of a tray, in its order, with what they stand for; the marks of those taken out are left out."""
    present = chips.present(chips.read(text))
    found = _assets(project).in_bulk([asset for chip in present if (asset := _id(chip.asset))])
    return [Shown(chip, _fitting(found.get(_id(chip.asset) or NOTHING), chip)) for chip in present]


def marks(text: str) -> list[Chip]:
    return [chip for chip in chips.read(text) if chip.is_out]


def picks(project: Project, words: str, closed: Mapping[str, str]) -> list[Pick]:
    """The newest of the library to choose from, found by name; `closed` says what can't be added just now, and why."""
    found = _assets(project).named(words).order_by("-created_at", "-id")[:PICKS]
    frames = closed.get("first", ""), closed.get("last", "")
    return [Pick(each, closed.get(str(each.media.kind) if each.media else "", ""), *frames) for each in found]


def tray_of(job: Job) -> str:
    """The tray that made this job, as far as it is still in the library."""
    inputs = list(job.inputs.all())
    assets = _assets(job.project).filter(media__in=[each.media_id for each in inputs])
    ids = dict(assets.values_list("media_id", "pk"))
    return chips.write(tuple(Chip(each.tag, str(ids[each.media_id])) for each in inputs if each.media_id in ids))


def changed(text: str, do: str, prompt: str, project: Project) -> str:
    """The tray after a press of the button `do`: "add:<asset>", "first:<asset>", "left:<tag>", "remove:<tag>"."""
    verb, _, name = do.partition(":")
    tray = chips.read(text)
    if verb in ("add", *chips.FRAME_TAGS):
        asset = _assets(project).filter(pk=_id(name) or NOTHING).first()
        tray = _with(tray, verb, asset) if asset else tray
    elif act := VERBS.get(verb):
        tray = act(tray, name)
    return chips.write(chips.tidy(tray, prompt))


def of_one(asset: Asset, verb: str) -> str:
    """A tray with this alone in it."""
    return chips.write(_with((), verb, asset))


VERBS: dict[str, Callable[[Tray, str], Tray]] = {
    "remove": chips.remove,
    "left": lambda tray, tag: chips.move(tray, tag, -1),
    "right": lambda tray, tag: chips.move(tray, tag, 1),
}


def _with(tray: Tray, verb: str, asset: Asset) -> Tray:
    kind = str(asset.media.kind) if asset.media else ""
    if verb == "add":
        return chips.add(tray, kind, str(asset.pk))
    return chips.set_frame(tray, verb, str(asset.pk)) if kind == MediaFile.Kind.IMAGE else tray


def _assets(project: Project) -> AssetQuerySet:
    return Asset.objects.present().filter(project=project, state=Asset.State.READY).select_related("media")


def _fitting(asset: Asset | None, chip: Chip) -> Asset | None:
    return asset if asset and asset.media and asset.media.kind == chip.kind else None


def _id(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
