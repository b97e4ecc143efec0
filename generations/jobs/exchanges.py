"""What was said to the relay and back, kept for the receipt; and what is odd in it."""

from __future__ import annotations

import datetime as dt

from generations.jobs.models import Attempt, Exchange, Job, JobEvent
from generations.relay.exchange import Exchange as Said


def keep_exchange(attempt: Attempt, said: Said, now: dt.datetime) -> None:
    exchange_row(attempt.pk, said, now).save()


def exchange_row(attempt_id: int, said: Said, now: dt.datetime) -> Exchange:
    """Not saved yet."""
    return Exchange(
        attempt_id=attempt_id,
        at=now,
        method=said.method,
        path=said.path[:300],
        status=said.status,
        milliseconds=said.milliseconds,
        request_id=said.request_id[:120],
        body=said.body.replace("\0", ""),
    )


def record_anomaly(job: Job, text: str, now: dt.datetime) -> None:
    """Something that contradicts what stands: kept for a person to see, moves nothing."""
    if not job.events.filter(name=JobEvent.Name.ANOMALY, text=text).exists():
        job.record(JobEvent.Name.ANOMALY, now=now, text=text)
