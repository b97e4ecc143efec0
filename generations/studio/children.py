"""A process of the studio in a session of its own: started, asked to stop, killed with all that it started."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

import psutil

MARK = "RELAYWEB_CHILD_OF"  # in every child's environment: the data directory it works on
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one child runs. `beats`: it writes a heartbeat row of its name; `answers`: it answers /healthz."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    beats: bool = False
    answers: bool = False


class Record(TypedDict):
    """What another supervisor needs to find a child's session again."""

    name: str
    pid: int
    created_at: float


class Child:
    """One part, running or waiting to be started again; times are seconds since 1970."""

    def __init__(self, part: Part, say: Say) -> None:
        self.part = part
        self.say = say
        self.process: subprocess.Popen[str] | None = None
        self.started_at = 0.0

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self, env: Mapping[str, str]) -> None:
        self.started_at = time.time()
        self.process = subprocess.Popen(
            self.part.command,
            env={**env, **self.part.env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        threading.Thread(target=self._repeat_lines, args=(self.process,), daemon=True).start()

    def _repeat_lines(self, process: subprocess.Popen[str]) -> None:
        if process.stdout is not None:
            with process.stdout as lines:
                for line in lines:
                    self.say(f"{self.part.name:<7} | {line.rstrip()}")

    def ask_to_stop(self) -> None:
        """SIGTERM to the main process alone: django-q2 hangs when its workers get one too."""
        if self.process is not None and self.is_running:
            self.process.terminate()

    def kill(self) -> None:
        """Ends the whole session at once, also what outlived its main process."""
        if self.process is not None:
            kill_session(self.process.pid)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=5)

    def record(self) -> Record | None:
        if self.process is None:
            return None
        with suppress(psutil.NoSuchProcess):
            created_at = psutil.Process(self.process.pid).create_time()
            return Record(name=self.part.name, pid=self.process.pid, created_at=created_at)
        return None


def session_members(session_id: int) -> list[psutil.Process]:
    """The living processes of a session; zombies have nothing left to end."""
    found = []
    for process in psutil.process_iter():
        with suppress(OSError, psutil.Error):
            if os.getsid(process.pid) == session_id and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def kill_session(session_id: int) -> None:
    """SIGKILL until the session is empty; what was forked between two looks is found by the next."""
    until = time.monotonic() + 5
    while (members := session_members(session_id)) and time.monotonic() < until:
        for process in members:
            with suppress(psutil.Error):
                process.send_signal(signal.SIGKILL)
        time.sleep(0.02)


def write_records(path: Path, children: Sequence[Child]) -> None:
    """Keeps the running children's records for the next supervisor, should this one be killed."""
    records = [record for child in children if (record := child.record())]
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(records, indent=1))
    draft.replace(path)


def end_leftovers(path: Path, mark: str) -> list[str]:
    """Kills the recorded sessions that are still those of this data directory; answers with their names.

    A child that was started in the moment before its supervisor was killed is in no record: it is known by its mark.
    """
    ended = []
    for record in _read_records(path):
        members = session_members(record["pid"])
        if any(_is_ours(process, record, mark) for process in members):
            kill_session(record["pid"])
            ended.append(record["name"])
    for session_id in _marked_sessions(mark):
        kill_session(session_id)
        ended.append(f"session {session_id}")
    path.unlink(missing_ok=True)
    return ended


def _marked_sessions(mark: str) -> set[int]:
    """The sessions of processes with this mark; never our own."""
    found = set()
    for process in psutil.process_iter():
        with suppress(OSError, psutil.Error):
            if process.environ().get(MARK) == mark and process.status() != psutil.STATUS_ZOMBIE:
                found.add(os.getsid(process.pid))
    return found - {os.getsid(0)}


def _read_records(path: Path) -> list[Record]:
    try:
        return list(json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return []


def _is_ours(process: psutil.Process, record: Record, mark: str) -> bool:
    """The recorded main process itself, or one with our mark: pids alone come round again."""
    with suppress(psutil.Error):
        if process.pid == record["pid"] and process.create_time() == record["created_at"]:
            return True
        return process.environ().get(MARK) == mark
    return False
