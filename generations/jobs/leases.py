"""A lease kept while work lasts: nobody else looks at the job before its worker has gone."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connection
from django.db.models import QuerySet

from generations.jobs.models import Job

LEASE = dt.timedelta(seconds=45)
RENEW_EVERY_SECONDS = 10
LONGEST_WAIT = dt.timedelta(minutes=5)  # somebody looks at a waiting job so often at least, whatever it waits for
Clock = Callable[[], dt.datetime]
MOST_CLAIMS = 3  # begun so often in a row and never brought to an end: the job itself brings its workers down


@contextmanager
def kept(job: Job, clock: Clock) -> Iterator[None]:
    """Renews the job's lease until the block ends; stops by itself when somebody else has moved the job."""
    stop = threading.Event()
    renewal = threading.Thread(target=_keep_renewing, args=(job, clock, stop), daemon=True)
    renewal.start()
    try:
        yield
    finally:
        stop.set()
        renewal.join()


def _keep_renewing(job: Job, clock: Clock, stop: threading.Event) -> None:
    is_ours, same = True, Job.objects.filter(pk=job.pk, state=job.state, version=job.version)
    while is_ours and not stop.wait(RENEW_EVERY_SECONDS):
        is_ours = renew(same, clock())
        connection.close()


def renew(same: QuerySet[Job], now: dt.datetime) -> bool:
    """False when the job, as it was, is no more. A database that is away for a moment says nothing."""
    try:
        return same.update(next_action_at=now + LEASE) == 1
    except DatabaseError:
        return True
