"""One run of a task or a page: it dies or stalls at a statement or a request, as drawn; the rooms know nothing of it.

A stall lets others work in the midst: what the stalled one holds in memory is stale when it comes back. Between BEGIN
and COMMIT nobody else writes, as on SQLite itself; a death there rolls back, and leaves what was committed.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import OperationalError, connection

DEEPEST = 3  # one worker stalled inside another's stall inside a third's


class Crash(BaseException):
    """This worker is dead: no handler of the rooms may see it."""


class Broken(BaseException):
    """A rule does not hold. Not an Exception, so that no handler of the rooms hides it."""


class Locked(OperationalError):
    """The database was busy for longer than its time-out."""


@dataclass
class Fate:
    """When it befalls this run; counted in statements and requests."""

    dies_at: int = 0
    dies_after: bool = False  # the statement is carried out before
    stalls_at: int = 0
    stalls_at_begin: int = 0  # before its n-th transaction: between what it has read and what it will write
    locked_at: int = 0
    dies_in_request: str = ""  # "before", "after"
    stalls_in_request: bool = False


@dataclass
class Run:
    name: str
    fate: Fate
    statements: int = 0
    has_stalled: bool = False  # since its last BEGIN: what it read in there may have changed


class Workers:
    """The runs under way, the innermost last. Give `statement` to connection.execute_wrapper."""

    def __init__(self, interlude: Callable[[], None], on_commit: Callable[[], None]) -> None:
        self._interlude = interlude
        self._on_commit = on_commit
        self.runs: list[Run] = []
        self.is_watching = True

    @property
    def depth(self) -> int:
        return len(self.runs)

    @contextmanager
    def unwatched(self) -> Any:
        """The simulator's own statements are nobody's."""
        was, self.is_watching = self.is_watching, False
        try:
            yield
        finally:
            self.is_watching = was

    def statement(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if not self.is_watching or not self.runs:
            return execute(sql, params, many, context)
        run = self.runs[-1]
        run.statements += 1
        if not connection.in_atomic_block:
            self._on_commit()
            self._between(run, sql)
        self._die(run, after=False)
        result = execute(sql, params, many, context)
        if sql.startswith("BEGIN"):
            run.has_stalled = False
        else:
            self._die(run, after=True)
        return result

    def _between(self, run: Run, sql: str) -> None:
        """Nothing is held open: others may work here, and the database may be locked."""
        if run.statements >= run.fate.locked_at > 0 and sql.startswith(("BEGIN", "UPDATE", "INSERT")):
            run.fate.locked_at = 0
            raise Locked("database is locked")
        if self._is_time_to_stall(run, sql) and self.depth < DEEPEST:
            self.stall(run)

    @staticmethod
    def _is_time_to_stall(run: Run, sql: str) -> bool:
        fate = run.fate
        if sql.startswith("BEGIN") and fate.stalls_at_begin:
            fate.stalls_at_begin -= 1
            return not fate.stalls_at_begin
        if run.statements >= fate.stalls_at > 0:
            fate.stalls_at = 0
            return True
        return False

    def _die(self, run: Run, *, after: bool) -> None:
        fate = run.fate
        if fate.dies_after is after and run.statements >= fate.dies_at > 0:
            fate.dies_at = 0
            raise Crash

    def stall(self, run: Run) -> None:
        run.has_stalled = True
        with_statements = self.is_watching
        self.is_watching = True
        try:
            self._interlude()
        finally:
            self.is_watching = with_statements

    @contextmanager
    def request(self) -> Any:
        """Around a request to the relay, which no transaction may hold."""
        if connection.in_atomic_block:
            raise Broken("a request to the relay inside a transaction")
        run = self.runs[-1]
        if run.fate.dies_in_request == "before":
            raise Crash
        try:
            yield
        finally:
            self._after_request(run)

    def _after_request(self, run: Run) -> None:
        if run.fate.stalls_in_request and self.depth < DEEPEST:
            self.stall(run)
        if run.fate.dies_in_request == "after":
            raise Crash
