"""An answer that stands nowhere else written down: a database that is locked or full is tried again."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable

from django.db import OperationalError

from generations.jobs.models import Job

log = logging.getLogger(__name__)
AGAIN_SECONDS = (1.0, 2.0, 4.0, 8.0)


def insist(write: Callable[[dt.datetime], None], job: Job, clock: Callable[[], dt.datetime]) -> None:
    """Calls `write(now)` until the database takes it; the last time its OperationalError comes through.

    Each time with the job as it was sent: what a try that was rolled back has set in memory is not so.
    """
    as_sent = dict(vars(job))
    for wait_seconds in AGAIN_SECONDS:
        try:
            write(clock())
        except OperationalError:
            time.sleep(wait_seconds)
            vars(job).update(as_sent)
        else:
            return
    log.critical("the relay took job %s, and that could not be written down", job.pk)
    write(clock())
