"""Keeps the studio's children running: starts, restarts with a backoff, stops all. No settings, no database."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from generations.studio.children import MARK, Child, Part, Say, write_records

FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 10.0
SETTLED_AFTER_SECONDS = 30.0  # a child that lived this long starts from the first wait again
GRACE_SECONDS = 23.0  # all in all a stop takes 25 s at most
TICK_SECONDS = 0.1
INSISTS_AFTER_SECONDS = 1.0  # a terminal and make may both pass on the same Ctrl-C
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Supervisor:
    """`sick` names children to be killed and started again: (child, why), asked at each tick."""

    def __init__(
        self,
        parts: Sequence[Part],
        data_dir: Path,
        say: Say,
        *,
        sick: Callable[[], Sequence[tuple[Child, str]]] = tuple,
        grace_seconds: float = GRACE_SECONDS,
    ) -> None:
        self.children = [Child(part, say) for part in parts]
        self.records = data_dir / "run" / "children.json"
        self.stopping = data_dir / "run" / "stopping"  # while it is there and fresh, workers begin nothing new
        self.env = os.environ | {MARK: str(data_dir), "PYTHONUNBUFFERED": "1"}
        self.say = say
        self.sick = sick
        self.grace_seconds = grace_seconds
        self.stop_asked_at = 0.0
        self.is_insisted = False
        self.start_at: dict[str, float] = {}
        self.waits: dict[str, float] = {}

    def run(self) -> None:
        """Returns when a signal has asked to stop and every child has gone."""
        with self._signals():
            self.stopping.unlink(missing_ok=True)
            try:
                for child in self.children:
                    self._start(child)
                while not self.stop_asked_at:
                    self._tick(time.time())
                    time.sleep(TICK_SECONDS)
            finally:
                self._stop()

    def _start(self, child: Child) -> None:
        self.start_at.pop(child.part.name, None)
        child.start(self.env)
        write_records(self.records, self.children)

    def _tick(self, now: float) -> None:
        for child, why in self.sick():
            self.say(f"{child.part.name} {why}: starting it again")
            child.kill()
        for child in self.children:
            if not child.is_running:
                self._revive(child, now)

    def _revive(self, child: Child, now: float) -> None:
        """Plans the start of a child that has died, or starts it when its time has come."""
        name = child.part.name
        if name not in self.start_at:
            self._plan(child, now)
        elif now >= self.start_at[name]:
            self._start(child)

    def _plan(self, child: Child, now: float) -> None:
        name = child.part.name
        child.kill()
        settled = now - child.started_at >= SETTLED_AFTER_SECONDS
        wait = FIRST_WAIT_SECONDS if settled else self.waits.get(name, FIRST_WAIT_SECONDS)
        self.waits[name] = min(wait * 2, LONGEST_WAIT_SECONDS)
        self.start_at[name] = now + wait
        status = child.process.returncode if child.process else None
        self.say(f"{name} ended (status {status}); starting it again in {wait:g} s")

    def _stop(self) -> None:
        """SIGTERM to all, SIGKILL to what is left after the grace, or at once when asked a second time."""
        with suppress(OSError):
            self.stopping.touch()
        for child in self.children:
            child.ask_to_stop()
        until = time.monotonic() + self.grace_seconds
        while any(child.is_running for child in self.children) and time.monotonic() < until and not self.is_insisted:
            time.sleep(TICK_SECONDS)
        for child in self.children:
            child.kill()
        self.records.unlink(missing_ok=True)
        self.stopping.unlink(missing_ok=True)

    @contextmanager
    def _signals(self) -> Iterator[None]:
        kept = {number: signal.getsignal(number) for number in STOP_SIGNALS}
        for number in STOP_SIGNALS:
            if number != signal.SIGHUP or kept[number] != signal.SIG_IGN:  # nohup stays nohup
                signal.signal(number, self._ask)
        try:
            yield
        finally:
            for number, handler in kept.items():
                signal.signal(number, handler)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        self.is_insisted = bool(self.stop_asked_at) and now - self.stop_asked_at > INSISTS_AFTER_SECONDS
        self.stop_asked_at = self.stop_asked_at or now
