"""A paid job's bytes: brought from the relay before its link expires, kept by media/, and only then SUCCEEDED."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from generations.catalog.models import Kind
from generations.jobs import leases, radar
from generations.jobs.models import Job, Output
from generations.jobs.outputs import POSITIONS
from generations.jobs.sending import Clock, backoff
from generations.jobs.states import Overtaken, State
from generations.media import archive, aside, images, library
from generations.media import errors as media_errors
from generations.media.models import MediaFile
from generations.net import errors as net
from generations.net.addresses import origin_of
from generations.net.fetch import download
from generations.relay.client import Relay
from generations.relay.errors import RelayFault

log = logging.getLogger(__name__)
DOWNLOAD_SECONDS = 420  # of all that one task brings: well inside the queue's own time-out
FULL_AGAIN = dt.timedelta(seconds=30)
FAULTS = (net.NetFault, media_errors.MediaFault, RelayFault, FileNotFoundError)
GIVE_UP_AFTER = dt.timedelta(hours=24)
NO_URL_AFTER = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Try:
    """What one try to keep an output came to: bytes, or a reason why there will be none, or neither yet."""

    output: Output
    media: MediaFile | None = None
    reason: str = ""
    problem: Exception | None = None

    @property
    def is_over(self) -> bool:
        return bool(self.media or self.reason)


def fetch(job: Job, relay: Relay, clock: Clock) -> None:
    """One try to keep the job's clip or images. Running it twice at once keeps one file. Raises Overtaken.

    The claim is counted before the work: a clip that has killed three workers in a row is not tried a fourth time.
    """
    if job.state != State.FETCHING:
        raise Overtaken(str(job.pk))
    outputs = wanted(job)
    if job.claims >= leases.MOST_CLAIMS:
        log.error("keeping the clip of %s has brought down %d workers; it is left to a person", job.pk, job.claims)
        _end(job, [Try(output, reason=Output.Reason.CRASHED) for output in outputs], clock())
        return
    job.change(tries=job.tries + 1, claims=job.claims + 1, next_action_at=clock() + leases.LEASE)
    with leases.kept(job, clock):
        tries = [_try(output, job, relay, clock, DOWNLOAD_SECONDS / len(outputs)) for output in outputs]
    later = next((each.problem for each in tries if each.problem and not each.is_over), None)
    if later is None:
        _end(job, tries, clock())
    else:
        _put_off(job, tries, later, clock())


def wanted(job: Job) -> list[Output]:
    """What is not kept yet of the newest attempt: the clip, or its images."""
    waiting = job.outputs.filter(media=None, archive_reason="")
    if job.kind != Kind.IMAGE:
        return list(waiting.filter(position=0))
    first = job.attempt.number * POSITIONS
    return list(waiting.filter(position__gte=first, position__lt=first + POSITIONS))


def _try(output: Output, job: Job, relay: Relay, clock: Clock, seconds: float) -> Try:
    try:
        media = bring(output, str(job.attempt.relay_task_id), relay, seconds)
    except FAULTS as problem:
        return Try(output, reason=verdict(output, problem, clock()), problem=problem)
    return Try(output, media)


def verdict(output: Output, problem: Exception, now: dt.datetime) -> str:
    """Why it is never tried again, or ''."""
    match problem:
        case net.DiskFull() | media_errors.DiskFull():
            return ""
        case net.Forbidden():
            return Output.Reason.FORBIDDEN
        case net.TooLarge():
            return Output.Reason.TOO_LARGE
        case FileNotFoundError():
            return Output.Reason.LOST
        case media_errors.BadType() if not isinstance(problem, media_errors.Truncated):
            return Output.Reason.BAD_TYPE
        case _:
            return _too_late(output, problem, now)


def _too_late(output: Output, problem: Exception, now: dt.datetime) -> str:
    """After a day it is ready without its bytes, and says so; sooner, when no link is to be had."""
    age, is_gone = now - output.created_at, isinstance(problem, net.Gone)
    if age > GIVE_UP_AFTER or (is_gone and output.is_image and age > NO_URL_AFTER):
        return Output.Reason.EXPIRED
    is_nowhere = is_gone and not output.source_url and not output.is_image
    return Output.Reason.NO_URL if is_nowhere and age > NO_URL_AFTER else ""


def bring(output: Output, task_id: str, relay: Relay, seconds: float = DOWNLOAD_SECONDS) -> MediaFile:
    """The clip or image, downloaded in so many seconds at most and kept. Raises one of FAULTS."""
    if output.arrived_name:
        with archive.temp_file() as path:
            aside.get(output.arrived_name, path)
            return images.keep_made(path)
    url = output.source_url or _ask_again(output, task_id, relay)
    with archive.temp_file() as path:
        download(
            url,
            path,
            allow_origins={origin_of(settings.RELAY_URL)},
            deadline_seconds=seconds,
            headers=relay.download_headers(url),
        )
        return images.keep_made(path) if output.is_image else archive.keep(path, motion=False)


def _ask_again(output: Output, task_id: str, relay: Relay) -> str:
    """A fresh link from the relay; where it names none, the address at which it streams the bytes itself."""
    task, _ = relay.read(task_id)
    if task.url:
        Output.objects.filter(pk=output.pk).update(source_url=task.url)
    return task.url or relay.content_url(task_id)


def _put_off(job: Job, tries: Iterable[Try], problem: Exception, now: dt.datetime) -> None:
    """Later, with a fresh link where this one has gone. What was kept of several stays."""
    if isinstance(problem, net.DiskFull | media_errors.DiskFull):
        wait, reason = FULL_AGAIN, "The studio's disk is full; it is fetched when there is room."
    else:
        longest = min(radar.longest_wait(each.output, now) for each in tries if not each.is_over)
        wait, reason = min(backoff(job.tries), longest), f"It could not be fetched yet: {problem}"
    with transaction.atomic():
        for each in tries:
            if isinstance(each.problem, net.Gone) and not each.output.is_image:
                Output.objects.filter(pk=each.output.pk).update(source_url="")
        _store(tries)
        job.change(next_action_at=now + wait, waiting_reason=reason[:200], claims=0)
    _clear(tries)


def _end(job: Job, tries: Iterable[Try], now: dt.datetime) -> None:
    note = "; ".join(dict.fromkeys(str(Output.Reason(each.reason).label) for each in tries if each.reason))
    with transaction.atomic():
        job.advance(State.SUCCEEDED, now=now, note=note)
        _store(tries)
    _clear(tries)


def _store(tries: Iterable[Try]) -> None:
    for each in tries:
        if each.is_over:
            same = Output.objects.filter(pk=each.output.pk)
            same.update(media=each.media, archive_reason="" if each.media else each.reason)


def _clear(tries: Iterable[Try]) -> None:
    """What follows once it is committed: the pictures of a clip; the bytes put aside go."""
    for each in tries:
        if each.media:
            library.illustrate_later(each.media)
            drop_aside(each.output)


def drop_aside(output: Output) -> None:
    """The bytes that came with the answer, once they are kept. What can't be removed now only takes room."""
    if output.arrived_name:
        with contextlib.suppress(media_errors.MediaFault, OSError):
            aside.drop(output.arrived_name)
