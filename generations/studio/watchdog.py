"""Looks whether the children still work: heartbeat rows, and web's answer to /healthz. Kills nothing itself."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from generations.health import status
from generations.health.models import Heartbeat
from generations.studio.children import Child

STALE_AFTER_SECONDS = 45.0  # found, started again and at work within 90
UNANSWERED_AFTER_SECONDS = 30.0
LOOK_EVERY_SECONDS = 5.0
ASLEEP_AFTER_SECONDS = 30.0  # a gap this long between two looks: the machine slept, everything is stale


@dataclass(slots=True)
class Signs:
    """When each part last showed that it works, in seconds since 1970."""

    beats: Mapping[str, float]
    answered_at: float


def judge(child: Child, signs: Signs, now: float, fair_since: float) -> str:
    """Why this child must be started again, or ''. Before `fair_since`, as before its start, no sign was to be had."""
    since = max(child.started_at, fair_since)
    if child.part.beats and now - max(since, signs.beats.get(child.part.name, 0)) > STALE_AFTER_SECONDS:
        return f"has shown no work for {STALE_AFTER_SECONDS:.0f} s"
    if child.part.answers and now - max(since, signs.answered_at) > UNANSWERED_AFTER_SECONDS:
        return f"has not answered for {UNANSWERED_AFTER_SECONDS:.0f} s"
    return ""


def ask(host: str, port: int) -> int | None:
    """The status of /healthz; None when nothing answers."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/healthz?of=processes", headers={"Host": "localhost"})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


class Watchdog(threading.Thread):
    """Calls `on_ready` once, when /healthz first says 200; then looks every few seconds."""

    def __init__(self, host: str, port: int, on_ready: Callable[[], None]) -> None:
        super().__init__(daemon=True)
        self.address = (host, port)
        self.on_ready = on_ready
        self.children: Sequence[Child] = ()
        self.signs = Signs({}, 0)
        self.looked_at = self.fair_since = time.time()
        self._found: list[tuple[Child, str, float]] = []

    def watch(self, children: Sequence[Child]) -> None:
        self.children = children
        self.start()

    def sick(self) -> list[tuple[Child, str]]:
        """What was found since the last call, unless that child has been started anew in the meantime."""
        found, self._found = self._found, []
        return [(child, why) for child, why, started_at in found if child.started_at == started_at]

    def run(self) -> None:
        while ask(*self.address) != 200:
            self._look(time.time())
            time.sleep(0.2)
        self.on_ready()
        while True:
            self._look(time.time())
            time.sleep(LOOK_EVERY_SECONDS)

    def _look(self, now: float) -> None:
        if now - self.looked_at > ASLEEP_AFTER_SECONDS or now < self.looked_at:
            self.fair_since = now
        self.looked_at = now
        if ask(*self.address) is not None:
            self.signs.answered_at = now
        self._read_beats(now)
        self._found = [
            (child, why, child.started_at)
            for child in self.children
            if child.is_running and (why := judge(child, self.signs, now, self.fair_since))
        ]

    def _read_beats(self, now: float) -> None:
        """A database that can't be read or written, as on a full disk, says nothing against anybody."""
        close_old_connections()
        try:
            status.beat("watchdog", timezone.now())
            rows = [row for row in Heartbeat.objects.all() if row.node == settings.NODE_NAME]
        except DatabaseError:
            self.fair_since = now
        else:
            self.signs.beats = {row.part: row.at.timestamp() for row in rows if row.at}
