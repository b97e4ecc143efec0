"""Whether the studio's processes do their work: heartbeats written, heartbeats judged."""

from __future__ import annotations

import datetime as dt
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, connection
from django.utils import timezone

from generations.health.models import Heartbeat

STALE_AFTER = dt.timedelta(seconds=60)
CLUSTERS = ("workers", "polls", "files")
NEEDED = (*CLUSTERS, "pulse")
BUSY_BEAT_SECONDS = 15.0


def beat(name: str, now: dt.datetime) -> None:
    """Says that the process kind `name` has just done work."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": now, "pid": os.getpid()})


@contextmanager
def beating(name: str) -> Iterator[None]:
    """Beats while a long task lasts, so that busy is not taken for dead; the queue's time-out bounds it."""
    is_done = threading.Event()
    beside = threading.Thread(target=_beat_until, args=(name, is_done), daemon=True)
    beside.start()
    try:
        yield
    finally:
        is_done.set()
        beside.join()


def _beat_until(name: str, is_done: threading.Event) -> None:
    try:
        while not is_done.wait(BUSY_BEAT_SECONDS):
            beat(name, timezone.now())
    except DatabaseError:
        return
    finally:
        connection.close()


def asks_for_beat(now: dt.datetime) -> list[str]:
    """The clusters to be asked for a beat: not one whose last question still waits, so that none pile up."""
    wanted = []
    for name in CLUSTERS:
        row, _ = Heartbeat.objects.get_or_create(name=name)
        if row.asked_at is None or _has_answered(row) or now - row.asked_at > STALE_AFTER:
            Heartbeat.objects.filter(pk=name).update(asked_at=now)
            wanted.append(name)
    return wanted


def _has_answered(row: Heartbeat) -> bool:
    return row.at is not None and row.asked_at is not None and row.at >= row.asked_at


def verdict(now: dt.datetime) -> dict[str, Any]:
    """{"ok": bool, "parts": {"web": "ok", "workers": "ok" | "silent for 75 s" | "never seen", …}}"""
    beats = {row.name: row.at for row in Heartbeat.objects.all()}
    parts = {"web": "ok"} | {name: _judge(beats.get(name), now) for name in NEEDED}
    return {"ok": all(word == "ok" for word in parts.values()), "parts": parts}


def _judge(at: dt.datetime | None, now: dt.datetime) -> str:
    if at is None:
        return "never seen"
    age = now - at
    return "ok" if age <= STALE_AFTER else f"silent for {age.total_seconds():.0f} s"
