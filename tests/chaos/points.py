"""Labelled points at which a process can be made to kill itself: SQL statements, commits, requests, files, children.

Nothing in the product knows of them: they are put round Django's cursor and commit, httpcore, `os` and `subprocess`.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpcore
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from generations.jobs.states import State

WRITES = re.compile(r'^(INSERT(?: OR IGNORE)? INTO|UPDATE|DELETE FROM) "(?:generations_|django_q_)?(\w+)"')
STATES = frozenset(State.values)


class Points:
    """Counts the points that this process passes; at the n-th of one label it dies. Without a label it only listens."""

    def __init__(self, label: str = "", occurrence: int = 1) -> None:
        self.label, self.occurrence = label, occurrence
        self.passed: list[str] = []
        self._counts: Counter[str] = Counter()
        self._written: list[str] = []  # in the transaction that is open

    def pass_by(self, label: str) -> None:
        self.passed.append(label)
        self._counts[label] += 1
        if label == self.label and self._counts[label] == self.occurrence:
            os.kill(os.getpid(), signal.SIGKILL)

    def around[T](self, name: str, work: Callable[[], T]) -> T:
        self.pass_by(f"before {name}")
        done = work()
        self.pass_by(f"after {name}")
        return done

    def install(self) -> None:
        connection.ensure_connection()
        connection.execute_wrappers.append(self._execute)
        self._wrap(type(connections[connection.alias]), "_commit", self._commit_name)
        for http in (httpcore._sync.http11.HTTP11Connection, httpcore._async.http11.AsyncHTTP11Connection):
            self._wrap_http(http)
        for name in ("rename", "replace", "unlink", "fsync"):
            self._wrap(os, name, _file_name(name))
        self._wrap(subprocess, "run", lambda command, **_: f"run {_program(command)}")

    def _execute(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        self._written = [] if sql.startswith("BEGIN") else self._written
        found = WRITES.match(sql)
        if not found:
            return execute(sql, params, many, context)
        moved = [word for word in map(str, params or ()) if word in STATES] if '"state" =' in sql else []
        name = " ".join([found[1].split()[0].lower(), found[2], *(moved[:1] if found[2] == "job" else [])])
        self._written.append(name)
        return self.around(name, lambda: execute(sql, params, many, context))

    def _commit_name(self, database: BaseDatabaseWrapper) -> str:
        """Named by the job's move, else by the first table that was written."""
        moves = [name for name in self._written if name.startswith("update job ")]
        name = moves[0].removeprefix("update job ") if moves else next(iter(self._written), "nothing")
        self._written = []
        return f"commit of {name}"

    def _wrap(self, owner: Any, name: str, name_of: Callable[..., str]) -> None:
        plain = getattr(owner, name)

        def wrapped(*args: Any, **kwargs: Any) -> Any:
            label = name_of(*args, **kwargs)
            return self.around(label, lambda: plain(*args, **kwargs)) if label else plain(*args, **kwargs)

        setattr(owner, name, wrapped)

    def _wrap_http(self, http: type) -> None:
        """A request is labelled before its first byte, after its last, and when the head of its answer has come."""
        is_async = "Async" in http.__name__
        for name, label in (
            ("_send_request_headers", "before {} leaves"),
            ("_receive_response_headers", "after {} left"),
        ):
            self._wrap_step(http, name, label, is_async=is_async)

    def _wrap_step(self, http: type, name: str, label: str, *, is_async: bool) -> None:
        plain = getattr(http, name)

        async def wrapped_async(connected: Any, request: httpcore.Request) -> Any:
            self.pass_by(label.format(_asked(request)))
            done = await plain(connected, request)
            if name.startswith("_receive"):
                self.pass_by(f"after {_asked(request)} answered")
            return done

        def wrapped(connected: Any, request: httpcore.Request) -> Any:
            self.pass_by(label.format(_asked(request)))
            done = plain(connected, request)
            if name.startswith("_receive"):
                self.pass_by(f"after {_asked(request)} answered")
            return done

        setattr(http, name, wrapped_async if is_async else wrapped)


def _asked(request: httpcore.Request) -> str:
    """ "POST submit", "GET task", "GET clip"."""
    target = request.url.target.decode()
    what = "clip" if "/results/" in target or target.endswith("/content") else "task"
    return f"{request.method.decode()} {'submit' if request.method == b'POST' else what}"


def _file_name(verb: str) -> Callable[..., str]:
    """Files of the studio only: what is kept, and what lies in tmp for a moment."""

    def name_of(first: Any, second: Any = None, **_: Any) -> str:
        if isinstance(first, int):
            path = Path(f"/proc/self/fd/{first}").resolve() if Path("/proc/self/fd").exists() else Path("file")
        else:
            path = Path(second or first)
        parts = path.parts
        if "media" in parts:
            return f"{verb} kept {'directory' if path.is_dir() else path.suffix.lstrip('.')}"
        return f"{verb} temporary {path.suffix.lstrip('.') or 'download'}" if "tmp" in parts[-2:-1] else ""

    return name_of


def _program(command: Any) -> str:
    words = " ".join(map(str, command))
    return "probe" if "probe" in words or "measure" in words else "ffmpeg"
