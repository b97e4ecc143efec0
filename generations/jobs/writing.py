"""An answer that stands nowhere else written down: a database that is locked or full is tried again."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable

from django.db import OperationalError

log = logging.getLogger(__name__)
AGAIN_SECONDS = (1.0, 2.0, 4.0, 8.0)


def insist(write: Callable[[dt.datetime], None], what: str, clock: Callable[[], dt.datetime]) -> None:
    """Calls `write(now)` until the database takes it; the last time its OperationalError comes through."""
    for wait_seconds in AGAIN_SECONDS:
        try:
            write(clock())
        except OperationalError:
            time.sleep(wait_seconds)
        else:
            return
    log.critical("%s, and that could not be written down", what)
    write(clock())
