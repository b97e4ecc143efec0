"""A paid job's bytes: brought from the relay before its link expires, kept by media/, and only then SUCCEEDED."""

from __future__ import annotations

import datetime as dt
import logging

from django.conf import settings
from django.db import transaction

from generations import queue
from generations.jobs import leases, radar
from generations.jobs.models import Job, Output
from generations.jobs.sending import Clock, backoff
from generations.jobs.states import Overtaken, State
from generations.media import archive
from generations.media import errors as media_errors
from generations.media.models import MediaFile
from generations.net import errors as net
from generations.net.addresses import origin_of
from generations.net.fetch import download
from generations.relay.client import Relay
from generations.relay.errors import RelayFault

log = logging.getLogger(__name__)
DOWNLOAD_SECONDS = 420  # well inside the queue's own time-out
GIVE_UP_AFTER = dt.timedelta(hours=24)
NO_URL_AFTER = dt.timedelta(hours=1)


def fetch(job: Job, relay: Relay, clock: Clock) -> None:
    """One try to keep the job's clip. Running it twice at once keeps one file. Raises Overtaken.

    The claim is counted before the work: a clip that has killed three workers in a row is not tried a fourth time.
    """
    if job.state != State.FETCHING:
        raise Overtaken(str(job.pk))
    output = job.outputs.get(position=0)
    if job.claims >= leases.MOST_CLAIMS:
        log.error("keeping the clip of %s has brought down %d workers; it is left to a person", job.pk, job.claims)
        _succeed_without(job, output, Output.Reason.CRASHED, clock())
        return
    job.change(tries=job.tries + 1, claims=job.claims + 1, next_action_at=clock() + leases.LEASE)
    try:
        with leases.kept(job, clock):
            media = bring(output, str(job.attempt.relay_task_id), relay)
    except (net.NetFault, media_errors.MediaFault, RelayFault) as problem:
        _without(job, output, problem, clock())
    else:
        _succeed(job, output, media, clock())
        queue.wake("illustrate_media", media.pk)


def _without(job: Job, output: Output, problem: Exception, now: dt.datetime) -> None:
    """What a fault means: never again, when there is room, or later."""
    match problem:
        case net.DiskFull() | media_errors.DiskFull():
            _put_off(job, "The studio's disk is full; the clip is fetched when there is room.", now, 30)
        case net.Forbidden():
            _succeed_without(job, output, Output.Reason.FORBIDDEN, now)
        case net.TooLarge():
            _succeed_without(job, output, Output.Reason.TOO_LARGE, now)
        case media_errors.BadType() if not isinstance(problem, media_errors.Truncated):
            _succeed_without(job, output, Output.Reason.BAD_TYPE, now)
        case _:
            _again(job, output, problem, now)


def bring(output: Output, task_id: str, relay: Relay) -> MediaFile:
    """The clip, downloaded and kept. Raises NetFault, MediaFault, RelayFault."""
    url = output.source_url or _ask_again(output, task_id, relay)
    with archive.temp_file() as path:
        download(
            url,
            path,
            allow_origins={origin_of(settings.RELAY_URL)},
            deadline_seconds=DOWNLOAD_SECONDS,
            headers=relay.download_headers(url),
        )
        return archive.keep(path, motion=False)


def _ask_again(output: Output, task_id: str, relay: Relay) -> str:
    """A fresh link from the relay; where it names none, the address at which it streams the bytes itself."""
    task, _ = relay.read(task_id)
    if task.url:
        Output.objects.filter(pk=output.pk).update(source_url=task.url)
    return task.url or relay.content_url(task_id)


def _again(job: Job, output: Output, problem: Exception, now: dt.datetime) -> None:
    """Later, with a fresh link if this one has gone; after a day the job is ready without its bytes, and says so."""
    had_url = bool(output.source_url)
    if isinstance(problem, net.Gone):
        Output.objects.filter(pk=output.pk).update(source_url="")
    age = now - output.created_at
    if age > GIVE_UP_AFTER:
        _succeed_without(job, output, Output.Reason.EXPIRED, now)
    elif not had_url and isinstance(problem, net.Gone) and age > NO_URL_AFTER:
        _succeed_without(job, output, Output.Reason.NO_URL, now)
    else:
        wait = min(backoff(job.tries), radar.longest_wait(output, now))
        _put_off(job, f"The clip could not be fetched yet: {problem}", now, wait.total_seconds())


def _put_off(job: Job, reason: str, now: dt.datetime, wait_seconds: float) -> None:
    at = now + dt.timedelta(seconds=wait_seconds)
    job.change(next_action_at=at, waiting_reason=reason[:200], claims=0)


@transaction.atomic
def _succeed(job: Job, output: Output, media: MediaFile, now: dt.datetime) -> None:
    job.advance(State.SUCCEEDED, now=now)
    Output.objects.filter(pk=output.pk).update(media=media, archive_reason="")


@transaction.atomic
def _succeed_without(job: Job, output: Output, reason: Output.Reason, now: dt.datetime) -> None:
    job.advance(State.SUCCEEDED, now=now, note=str(reason.label))
    Output.objects.filter(pk=output.pk).update(archive_reason=reason)
