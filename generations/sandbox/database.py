"""The sandbox's SQLite file, open for all threads. What stands in it: store.py (tasks), shelf.py (files, sales)."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from threading import RLock
from typing import Any, ClassVar, LiteralString


class Database:
    """A connection with a lock around it. Every statement commits by itself, unless it is inside _whole()."""

    schema: ClassVar[str] = ""

    def __init__(self, path: Path) -> None:
        self._lock = RLock()
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=20)
        self._database.row_factory = sqlite3.Row
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.executescript(self.schema)

    def close(self) -> None:
        with self._lock:
            self._database.close()

    def _all(self, sql: LiteralString, values: Iterable[Any] = ()) -> list[sqlite3.Row]:
        with self._lock:
            return self._database.execute(sql, tuple(values)).fetchall()

    def _one(self, sql: LiteralString, values: Iterable[Any] = ()) -> sqlite3.Row | None:
        return next(iter(self._all(sql, values)), None)

    def _only(self, sql: LiteralString, values: Iterable[Any] = ()) -> sqlite3.Row:
        (row,) = self._all(sql, values)
        return row

    def _whole(self) -> "_Transaction":
        return _Transaction(self._database)


class _Transaction:
    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def __enter__(self) -> None:
        self._database.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, *_: object) -> None:
        self._database.execute("COMMIT" if kind is None else "ROLLBACK")
