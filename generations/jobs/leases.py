"""A lease kept while work lasts: nobody else looks at the job before its worker has gone."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connection

from generations.jobs.models import Job

LEASE = dt.timedelta(seconds=45)
RENEW_EVERY_SECONDS = 10
LONGEST_WAIT = dt.timedelta(minutes=5)  # somebody looks at a waiting job so often at least, whatever it waits for
MOST_CLAIMS = 3  # begun so often in a row and never brought to an end: the job itself brings its workers down


@contextmanager
def kept(job: Job, clock: Callable[[], dt.datetime]) -> Iterator[None]:
    """Renews the job's lease until the block ends; stops by itself when somebody else has moved the job."""
    stop = threading.Event()
    same = Job.objects.filter(pk=job.pk, state=job.state, version=job.version)

    def renew() -> None:
        is_ours = True
        while is_ours and not stop.wait(RENEW_EVERY_SECONDS):
            try:
                is_ours = same.update(next_action_at=clock() + LEASE) == 1
            except DatabaseError:  # not now: the lease outlasts a few such tries
                continue
            finally:
                connection.close()

    renewal = threading.Thread(target=renew, daemon=True)
    renewal.start()
    try:
        yield
    finally:
        stop.set()
        renewal.join()
