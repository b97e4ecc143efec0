"""The heartbeat loop: each half second it wakes workers for due jobs; now and then it asks them to show life."""

from __future__ import annotations

import datetime as dt
import logging
import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import Error, close_old_connections, connection
from django.utils import timezone

from generations import queue
from generations.gallery import clearing, shelving
from generations.health import checks, nodes, status
from generations.jobs import breaker, poller, radar
from generations.media import archive, arriving
from generations.media.models import MediaFile
from generations.notices import mailing, reading
from generations.writing import asking

log = logging.getLogger(__name__)
TICK_SECONDS = 0.5
TELL_EVERY_TICKS = 4
BEAT_EVERY_TICKS = 10
WATCH_EVERY_TICKS = 30
CATCH_UP_EVERY_TICKS = 600
CATCH_UP_WITHIN = dt.timedelta(hours=1)


class Command(BaseCommand):
    help = "Watches over due jobs and wakes workers for them, until it is told to stop."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        tick = 0
        while not stop.is_set():
            self._tick(tick)
            tick += 1
            stop.wait(TICK_SECONDS)
        connection.close()

    def _tick(self, tick: int) -> None:
        """A database that is away for a while costs ticks, never the loop."""
        try:
            poller.sweep(timezone.now())
            if tick % TELL_EVERY_TICKS == 0:
                self._tell()
            asking.sweep(timezone.now())
            if tick % BEAT_EVERY_TICKS == 0:
                self._beat()
                shelving.shelve_new()
                arriving.sweep(timezone.now())
            if tick % WATCH_EVERY_TICKS == 0:
                self._watch()
            if tick % CATCH_UP_EVERY_TICKS == 0:
                self._catch_up()
        except Error:
            log.exception("pulse could not use the database")
            close_old_connections()

    def _tell(self) -> None:
        """What happened becomes notices, and those become mails."""
        if reading.is_due(timezone.now()):
            queue.wake("write_notices")
        mailing.sweep(timezone.now())

    def _beat(self) -> None:
        now = timezone.now()
        status.beat("pulse", now)
        for name in status.asks_for_beat(now):
            queue.wake(f"beat_{name}", status.question())

    def _watch(self) -> None:
        """What nobody else would notice: clips about to expire, silent studios, an idle breaker, broken rules."""
        now = timezone.now()
        radar.warn(now)
        nodes.watch(now)
        breaker.probe_when_idle(settings.IS_SANDBOX, now)
        if checks.is_due("invariants", now):
            queue.wake("check_invariants")
        if checks.is_due("prices", now, checks.DAILY):
            queue.wake("compare_prices")
        if checks.is_due("truth", now, checks.DAILY):
            queue.wake("compare_days")

    def _catch_up(self) -> None:
        """What a killed worker left: temporary files, and pictures not made of a clip that is kept."""
        archive.sweep_temp(timezone.now())
        queue.forget_taken(timezone.now())
        shelving.shelve_missed(timezone.now())
        clearing.retire(timezone.now())
        clearing.purge(timezone.now())
        nodes.forget(timezone.now())
        reading.forget_old(timezone.now())
        since = timezone.now() - CATCH_UP_WITHIN
        for media in MediaFile.objects.filter(preview_name="", kind=MediaFile.Kind.VIDEO, created_at__gt=since)[:20]:
            queue.wake("illustrate_media", media.pk)
