"""What a job shows its model, brought to the relay first: each file sent once, its address kept until it fails."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from django.db import IntegrityError, transaction

from generations.composer import references
from generations.jobs import leases, lending
from generations.jobs.exchanges import keep_exchange
from generations.jobs.inputs import RelayFile
from generations.jobs.models import Job
from generations.jobs.states import Overtaken
from generations.media import store
from generations.media.disk import temp_file
from generations.media.models import MediaFile
from generations.relay.client import Relay
from generations.relay.errors import Refused
from generations.relay.wire import Reference, ReferenceType

TYPES: dict[str, ReferenceType] = {"image": "image_url", "video": "video_url", "audio": "audio_url"}
TAKES_NO_FILES = {404, 405, 501}  # of POST /v1/files: this relay has no such thing
NAMES_A_FILE = re.compile(r"\burl|content\[|download|expired|\bfile|\bresource", re.IGNORECASE)

Clock = Callable[[], dt.datetime]


def bring(job: Job, relay: Relay, clock: Clock) -> None:
    """Sends the relay each file of the job that it does not have. Costs nothing; outside of any transaction.

    Raises a RelayFault, MediaFault or FileNotFoundError: nothing of the job was sent then.
    """
    if wanted := missing(job, clock()):
        with leases.kept(job, clock):
            for media in wanted:
                _bring(job, media, relay, clock)


def missing(job: Job, now: dt.datetime) -> list[MediaFile]:
    """The files that the job's relay does not have, or has no more, nor can read from us; each once."""
    lent = lending.current(job.attempt, now).values("media")
    works = RelayFile.objects.filter(is_sandbox=job.is_sandbox, failed_at=None).values("media")
    wanted = MediaFile.objects.filter(inputs__job=job).exclude(pk__in=works).exclude(pk__in=lent)
    return list(wanted.distinct().order_by("pk"))


def _bring(job: Job, media: MediaFile, relay: Relay, clock: Clock) -> None:
    with temp_file(f".{media.extension}") as path:
        store.get(media.storage_name, path)
        try:
            file, said = relay.upload(path, f"{media.sha256[:16]}.{media.extension}", media.content_type)
        except Refused as refused:
            if refused.status not in TAKES_NO_FILES or not lending.is_possible():
                raise
            keep_exchange(job.attempt, refused.exchange, clock())
            lending.lend(job.attempt, media, clock())
            return
    keep_exchange(job.attempt, said, clock())
    try:
        with transaction.atomic():
            RelayFile.objects.create(media=media, is_sandbox=job.is_sandbox, url=file.url, kept_at=clock())
    except IntegrityError:
        return  # another job has brought it at the same time: its address works as well


def content(job: Job) -> tuple[Reference, ...]:
    """The inputs as they are sent, in order. Raises Overtaken when an address has just stopped working."""
    inputs = list(job.inputs.select_related("media"))
    files = RelayFile.objects.filter(media__inputs__job=job, is_sandbox=job.is_sandbox, failed_at=None)
    lent = lending.Loan.objects.filter(attempt=job.attempt).select_related("media")
    urls = {loan.media_id: loan.url for loan in lent} | dict(files.values_list("media_id", "url"))
    if any(each.media_id not in urls for each in inputs):
        raise Overtaken(str(job.pk))
    return tuple(
        Reference(type=TYPES[each.media.kind], url=urls[each.media_id], role=str(each.role)) for each in inputs
    )


def prompt_sent(job: Job) -> str:
    """The prompt with every mention by the relay's number."""
    return references.resolve(job.prompt, list(job.inputs.all()))


def stopped_working(job: Job, said: str, now: dt.datetime) -> bool:
    """Whether the relay's no speaks of a file: then the job's addresses count as failed, once in a job's life."""
    if not NAMES_A_FILE.search(said):
        return False
    files = RelayFile.objects.filter(media__in=job.inputs.values("media"), is_sandbox=job.is_sandbox)
    if files.filter(failed_at__gte=job.created_at).exists():
        return False
    return files.filter(failed_at=None).update(failed_at=now) > 0
