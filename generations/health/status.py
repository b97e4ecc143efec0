"""Whether the studio's processes do their work: heartbeats written, heartbeats judged. Other studios': nodes.py."""

from __future__ import annotations

import datetime as dt
import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from generations import queue
from generations.health import checks
from generations.health.models import Heartbeat

STALE_AFTER = dt.timedelta(seconds=45)
ASKED_AGAIN_AFTER = dt.timedelta(seconds=10)  # a killed cluster takes the question with it
CLUSTERS = ("workers", "polls", "files")
NEEDED = (*CLUSTERS, "pulse")
MOST_HANDS = 12  # whoever takes a question is chance: twelve times the other one of two nodes hardly ever happens
BUSY_BEAT_SECONDS = 15.0
STOPPING_SECONDS = 60.0


def beat(name: str, now: dt.datetime) -> None:
    """Says that this node's process kind `name` has just done work."""
    Heartbeat.objects.update_or_create(name=row_name(name), defaults={"at": now, "pid": os.getpid()})


def row_name(part: str) -> str:
    return f"{part}@{settings.NODE_NAME}"


def question() -> list[str]:
    """What a cluster of this node is asked: whose sign of life is wanted, and through how many hands it may go."""
    return [settings.NODE_NAME, str(MOST_HANDS)]


def answer(name: str, asked: Sequence[str], now: dt.datetime) -> None:
    """A sign of life. All nodes take from one queue: what was meant for another's cluster is passed on."""
    beat(name, now)
    node, hands = asked or question()
    if node != settings.NODE_NAME and int(hands) > 1:
        queue.wake(f"beat_{name}", [node, str(int(hands) - 1)])


@contextmanager
def beating(name: str) -> Iterator[None]:
    """Beats while a long task lasts, and now and then between many short ones: busy must not be taken for dead.

    The queue's time-out bounds it.
    """
    is_done = threading.Event()
    beside = threading.Thread(target=_beat_until, args=(name, is_done), daemon=True)
    beside.start()
    try:
        yield
    finally:
        is_done.set()
        beside.join()
    _beat_between(name)


_beaten_at: dict[str, float] = {}  # by this process, on the monotonic clock


def _beat_between(name: str) -> None:
    """The question for a beat may wait behind a thousand short tasks; each of them is a sign of life too."""
    now = time.monotonic()
    if now - _beaten_at.get(name, 0.0) >= BUSY_BEAT_SECONDS:
        _beaten_at[name] = now
        beat(name, timezone.now())


def _beat_until(name: str, is_done: threading.Event) -> None:
    while not is_done.wait(BUSY_BEAT_SECONDS):
        try:
            beat(name, timezone.now())
        except DatabaseError:
            continue
        finally:
            connection.close()


def is_stopping() -> bool:
    """Whether the studio has just been told to stop: then nothing new is begun, and leases bring it back later.

    An old sign is one that a killed supervisor has left.
    """
    try:
        told_at = (settings.DATA_DIR / "run" / "stopping").stat().st_mtime
    except OSError:
        return False
    return time.time() - told_at < STOPPING_SECONDS


def asks_for_beat(now: dt.datetime) -> list[str]:
    """The clusters of this node to be asked for a beat: one whose last question still waits only now and then."""
    wanted = []
    for name in CLUSTERS:
        row, _ = Heartbeat.objects.get_or_create(name=row_name(name))
        if row.asked_at is None or _has_answered(row) or now - row.asked_at > ASKED_AGAIN_AFTER:
            Heartbeat.objects.filter(pk=row.pk).update(asked_at=now)
            wanted.append(name)
    return wanted


def _has_answered(row: Heartbeat) -> bool:
    return row.at is not None and row.asked_at is not None and row.at >= row.asked_at


def verdict(now: dt.datetime, *, only_processes: bool = False) -> dict[str, Any]:
    """{"ok": bool, "parts": {"web": "ok", "workers": "ok" | "silent for 75 s" | "never seen", …}}

    Of this node; a part that it does not run itself may be any other's, whichever showed life last.
    """
    rows = list(Heartbeat.objects.filter(at__isnull=False).order_by("at"))
    beats = {row.part: row.at for row in rows} | {row.part: row.at for row in rows if row.node == settings.NODE_NAME}
    parts = {"web": "ok"} | {name: judge(beats.get(name), now) for name in NEEDED}
    if not only_processes:
        parts["invariants"] = checks.word("invariants", now)
    return {"ok": all(word == "ok" for word in parts.values()), "parts": parts}


def judge(at: dt.datetime | None, now: dt.datetime) -> str:
    if at is None:
        return "never seen"
    age = now - at
    return "ok" if age <= STALE_AFTER else f"silent for {age.total_seconds():.0f} s"
