"""What a card shows of a job, in words; the templates only lay it out."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generations.catalog.models import Kind
from generations.jobs import lifecycle, line, policy
from generations.jobs.estimate import Usual, usual_seconds
from generations.jobs.line import Place
from generations.jobs.models import Job, Output
from generations.jobs.states import State
from generations.media.models import MediaFile

RATIO_CLASSES = {
    "16:9": "ratio-16x9",
    "9:16": "ratio-9x16",
    "1:1": "ratio-1x1",
    "4:3": "ratio-4x3",
    "3:4": "ratio-3x4",
    "21:9": "ratio-21x9",
}
TITLE_WORDS = 5


@dataclass
class Card:
    """A job as somebody sees it; `may_act` when they may cancel, retry and edit."""

    job: Job
    now: dt.datetime
    may_act: bool
    usual: Usual | None = None
    place: Place | None = None  # in the line, while it waits there

    @property
    def token(self) -> str:
        """What a poll compares: another version or another place is another card."""
        return token_of(self.job.version, self.place)

    @property
    def state(self) -> str:
        return str(self.job.state)

    @property
    def is_moving(self) -> bool:
        return not self.job.is_final

    @property
    def stage(self) -> str:
        """The partial that draws this state."""
        kept = "player" if self.output else self.state
        return f"jobs/stage/_{'images' if self.pictures else kept}.html"

    @cached_property
    def output(self) -> Output | None:
        """The output whose bytes are kept."""
        return next((output for output in self.outputs if output.media_id), None)

    @property
    def kept(self) -> list[Output]:
        """Whose files the job's page tells of: every image, or the clip."""
        return self.pictures or ([self.output] if self.output else [])

    @cached_property
    def pictures(self) -> list[Output]:
        """Kept images, in the order in which the relay gave them."""
        kept = [output for output in self.outputs if output.media]
        return [output for output in kept if output.media and output.media.kind == MediaFile.Kind.IMAGE]

    @property
    def clip_seconds(self) -> float:
        """The length of the kept clip."""
        media = self.output.media if self.output else None
        return ((media.duration_ms if media else 0) or 0) / 1000

    @property
    def can_use(self) -> bool:
        """Whether what it brought can be taken up in the composer."""
        return self.may_act and self.output is not None and not self.job.project.is_archived

    @property
    def is_image(self) -> bool:
        return self.job.kind == Kind.IMAGE

    @property
    def facts(self) -> str:
        """ "Seedance 2.0 · 720p · 5 s · seed 7" """
        job = self.job
        asked = ngettext("%(n)d image", "%(n)d images", job.images) % {"n": job.images} if self.is_image else ""
        length = asked or (f"{job.seconds} s" if job.kind == Kind.CLIP else "")
        seed = _("seed %(seed)d") % {"seed": job.seed} if job.seed is not None else ""
        return " · ".join(filter(None, (job.model.label, job.resolution.replace("x", " × "), length, seed)))

    @property
    def lost(self) -> Output | None:
        """The output that was paid for and could not be kept."""
        return next((output for output in self.outputs if output.archive_reason), None)

    @cached_property
    def outputs(self) -> list[Output]:
        return list(self.job.outputs.all())

    @property
    def ratio_class(self) -> str:
        return RATIO_CLASSES.get(self.job.ratio, "ratio-16x9")

    @property
    def title(self) -> str:
        """The first words of the prompt; an upscale has none."""
        if self.job.kind == Kind.UPSCALE:
            return _("Upscale to %(resolution)s") % {"resolution": self.job.resolution}
        words = self.job.prompt.split()
        return " ".join(words[:TITLE_WORDS])[:60] + ("…" if len(words) > TITLE_WORDS else "")

    @property
    def since(self) -> dt.datetime:
        """From when the elapsed time counts: since it renders, or since it was asked for."""
        return self.job.running_at or self.job.created_at

    @property
    def can_cancel(self) -> bool:
        """While it stops the job before the relay has it."""
        return self.may_act and lifecycle.can_cancel(self.job)

    @property
    def can_retry(self) -> bool:
        return self.may_act and self.job.is_final and not self.job.project.is_archived

    @property
    def is_blocked(self) -> bool:
        """Whether the relay's policy refused it, which words can change."""
        return policy.is_refused(self.job)

    @property
    def over_estimate(self) -> int:
        """By how many millionths the cost passed the estimate; negative: it was cheaper, 0: also while not known."""
        return 0 if self.job.cost_micros is None else self.job.cost_micros - self.job.estimate_micros

    @property
    def under_estimate(self) -> int:
        return -self.over_estimate

    @property
    def is_late(self) -> bool:
        return self.usual is not None and (self.now - self.since).total_seconds() > self.usual.high_seconds


def cards_for(jobs: Iterable[Job], *, may_act: bool, now: dt.datetime) -> list[Card]:
    """Cards, with the usual length of those under way (looked up once for each kind)."""
    known: dict[tuple[int, int], Usual | None] = {}

    def usual(job: Job) -> Usual | None:
        if job.state not in {State.QUEUED, State.SENDING, State.RUNNING}:
            return None
        kind = (job.sku_id, job.seconds)
        if kind not in known:
            known[kind] = usual_seconds(job.sku, job.seconds)
        return known[kind]

    cards = [Card(job, now, may_act, usual(job)) for job in jobs]
    places = places_of(((card.job.pk, card.state, card.job.created_at) for card in cards), now)
    for card in cards:
        card.place = places.get(card.job.pk)
    return cards


def places_of(jobs: Iterable[tuple[uuid.UUID, str, dt.datetime]], now: dt.datetime) -> dict[uuid.UUID, Place]:
    """Where those of them that are queued stand in the line, given (id, state, when it was asked for)."""
    queued = ((job_id, asked_at) for job_id, state, asked_at in jobs if state == State.QUEUED)
    return line.places(queued, settings.IS_SANDBOX, now)


def token_of(version: int, place: Place | None) -> str:
    return f"{version}.{place.number}" if place else str(version)
