"""Images: the relay answers the order itself with them, so nothing is polled. Here from the answer to the charge.

Their bytes are brought by fetcher.py. Those that stood in the answer itself are put aside before anything is committed.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from django.db import transaction
from django.db.models import Sum

from generations import queue
from generations.catalog.pricing import images_cost_micros
from generations.jobs import breaker, leases
from generations.jobs.exchanges import keep_exchange, record_anomaly
from generations.jobs.models import Attempt, Job, JobEvent, Output
from generations.jobs.outputs import POSITIONS
from generations.jobs.states import Overtaken, State
from generations.ledger import holds
from generations.ledger.models import Hold
from generations.media import aside
from generations.media.errors import MediaFault
from generations.relay.client import Relay
from generations.relay.exchange import Exchange as Said
from generations.relay.images import Image, ImageRequest

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Arrived:
    """One image: where the relay keeps it, or where we put the bytes that it sent; neither when that failed."""

    url: str = ""
    name: str = ""


def build_request(job: Job) -> ImageRequest:
    """What is posted for this job."""
    return ImageRequest(model=job.sku.relay_model, prompt=job.prompt, n=job.images, size=job.resolution)


def order(job: Job, attempt: Attempt, request: ImageRequest, relay: Relay) -> partial[None]:
    """Posts it once; what is to be called with the time then, until it is written down. Raises a RelayFault."""
    result, said = relay.images(request)
    return partial(made, job, attempt, [_put_down(image) for image in result.images], said)


def _put_down(image: Image) -> Arrived:
    if image.data is None:
        return Arrived(url=image.url or "")
    try:
        return Arrived(name=aside.put(image.data))
    except (MediaFault, OSError):
        log.exception("an image that was paid for could not be put down")
        return Arrived()


def made(job: Job, attempt: Attempt, arrived: Sequence[Arrived], said: Said, now: dt.datetime) -> None:
    """Paid: what came is charged, once, and its bytes are brought from here on. However late the answer is.

    Whoever is overtaken looks again, however often: this answer stands nowhere else.
    """
    breaker.close(job.is_sandbox, now)
    while True:
        job.refresh_from_db()
        attempt.refresh_from_db()
        if attempt.answered_at:
            return
        try:
            with transaction.atomic():
                _take(job, attempt, arrived, said, now)
        except Overtaken:
            continue
        return


def _take(job: Job, attempt: Attempt, arrived: Sequence[Arrived], said: Said, now: dt.datetime) -> None:
    keep_exchange(attempt, said, now)
    cost = images_cost_micros(job.price, min(len(arrived), job.images))
    if attempt.superseded_at and attempt.hold.state == Hold.State.OPEN:
        _pay_superseded(attempt, arrived, cost, now)
    elif job.state in {State.SENDING, State.UNKNOWN} and not attempt.superseded_at:
        _pay(job, attempt, arrived, cost, now)
    else:
        record_anomaly(job, "The relay has made the images, though this was settled as never made.", now)


def _pay(job: Job, attempt: Attempt, arrived: Sequence[Arrived], cost_micros: int, now: dt.datetime) -> None:
    paid_before = _paid_micros(job)
    job.advance(
        State.FETCHING,
        now=now,
        cost_micros=paid_before + cost_micros,
        running_at=attempt.sending_at,
        failure_message="",
        next_action_at=now + dt.timedelta(seconds=5),
    )
    _settle(attempt, arrived, cost_micros, now)
    queue.wake("fetch_job", str(job.pk))


def _pay_superseded(attempt: Attempt, arrived: Sequence[Arrived], cost_micros: int, now: dt.datetime) -> None:
    """A person has sent it again in the meantime: these are paid too, and kept beside the others."""
    outputs = _settle(attempt, arrived, cost_micros, now)
    Attempt.objects.filter(pk=attempt.pk).update(look_at=now + leases.LEASE)
    Job.objects.filter(pk=attempt.job_id).update(cost_micros=_paid_micros(attempt.job))
    said = f"Attempt {attempt.number}: the relay made it too: it is paid, and its images are kept beside the others."
    attempt.job.record(JobEvent.Name.RESOLVED, now=now, text=said)
    for output in outputs:
        queue.wake("fetch_spare", str(output.pk))


def _settle(attempt: Attempt, arrived: Sequence[Arrived], cost_micros: int, now: dt.datetime) -> list[Output]:
    """The charge, and an output for each image. Raises Overtaken when somebody has settled it."""
    if Attempt.objects.filter(pk=attempt.pk, answered_at=None).update(answered_at=now) != 1:
        raise Overtaken(str(attempt))
    holds.charge(attempt.hold, cost_micros, now)
    return Output.objects.bulk_create(
        Output(
            job_id=attempt.job_id,
            position=attempt.number * POSITIONS + index,
            source_url=each.url,
            arrived_name=each.name,
            archive_reason="" if each.url or each.name else Output.Reason.LOST,
            created_at=now,
        )
        for index, each in enumerate(arrived)
    )


def _paid_micros(job: Job) -> int:
    charged = Hold.objects.filter(attempt__job=job).aggregate(total=Sum("charged_micros"))
    return int(charged["total"] or 0)
