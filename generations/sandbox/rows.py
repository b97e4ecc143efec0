"""What the sandbox keeps, as frozen dataclasses: tasks, result addresses, callbacks. store.py reads and writes them."""

import json
import sqlite3
from dataclasses import dataclass
from enum import StrEnum

from generations.relay.wire import VideoRequest


class State(StrEnum):
    """queued -> running (waiting is played) -> rendering (ffmpeg works) -> done | failed; running -> failed"""

    QUEUED = "queued"
    RUNNING = "running"
    RENDERING = "rendering"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A task as it is kept. Times are unix seconds."""

    id: str
    asked: VideoRequest
    words: frozenset[str]
    seed: int
    origin: str
    state: State
    created_at: float
    next_at: float | None
    started_at: float | None
    finished_at: float | None
    expires_at: float | None
    error_code: str
    error_message: str
    quota: int | None
    tokens: int | None
    reads: int
    done_reads: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One address of a result. `fetches` counts the downloads begun."""

    token: str
    task_id: str
    expires_at: float
    fetches: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """A callback to be sent. `tries` counts those that failed."""

    id: int
    task_id: str
    url: str
    tries: int


def as_row(row: sqlite3.Row) -> Row:
    values = dict(row)
    values["asked"] = VideoRequest.from_json(json.loads(values.pop("body")))
    values["words"] = frozenset(values["words"].split())
    values["state"] = State(values["state"])
    return Row(**values)


def as_address(row: sqlite3.Row) -> Address:
    return Address(token=row["token"], task_id=row["task_id"], expires_at=row["expires_at"], fetches=row["fetches"])
