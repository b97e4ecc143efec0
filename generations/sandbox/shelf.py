"""The sandbox's files behind expiring addresses, sent or made, and its sales: images and words, which are no tasks."""

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generations.sandbox.database import Database

SCHEMA = """
CREATE TABLE IF NOT EXISTS file (
    id TEXT PRIMARY KEY, token TEXT NOT NULL UNIQUE, suffix TEXT NOT NULL, content_type TEXT NOT NULL,
    words TEXT NOT NULL, made_at REAL NOT NULL, expires_at REAL NOT NULL, fetches INTEGER NOT NULL DEFAULT 0,
    is_swept INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS file_spent ON file (expires_at) WHERE is_swept = 0;
CREATE TABLE IF NOT EXISTS sale (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, kind TEXT NOT NULL, model TEXT NOT NULL, prompt TEXT NOT NULL,
    quota INTEGER NOT NULL, detail TEXT NOT NULL
);
"""
LIFE_SECONDS = 86_400  # our choice: the contract says only that the answer works for a while


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One file. `fetches` counts the downloads begun, `words` are the scenario words of what made it."""

    id: str
    token: str
    suffix: str
    content_type: str
    words: frozenset[str]
    expires_at: float
    fetches: int

    @property
    def address(self) -> str:
        """The path of its address."""
        return f"/files/{self.token}{self.suffix}"


class Shelf(Database):
    """Every method commits on its own; any thread may call."""

    schema = SCHEMA

    def __init__(self, path: Path, folder: Path) -> None:
        super().__init__(path)
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    def new_path(self, suffix: str) -> Path:
        """Where to write a file before it is kept by keep()."""
        return self._folder / f"{secrets.token_urlsafe(24)}{suffix}"

    def keep(self, path: Path, content_type: str, words: frozenset[str], now: float) -> Kept:
        """A file of new_path(), for LIFE_SECONDS."""
        row = self._only(
            "INSERT INTO file (id, token, suffix, content_type, words, made_at, expires_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING *",
            [
                f"file_{secrets.token_hex(12)}",
                path.stem,
                path.suffix,
                content_type,
                " ".join(sorted(words)),
                now,
                now + LIFE_SECONDS,
            ],
        )
        return _kept(dict(row))

    def find(self, token: str) -> Kept | None:
        row = self._one("SELECT * FROM file WHERE token = ?", [token])
        return None if row is None else _kept(dict(row))

    def fetch(self, token: str) -> Kept | None:
        """The file, this download of it counted."""
        row = self._one("UPDATE file SET fetches = fetches + 1 WHERE token = ? RETURNING *", [token])
        return None if row is None else _kept(dict(row))

    def path(self, kept: Kept) -> Path:
        return self._folder / f"{kept.token}{kept.suffix}"

    def sweep(self, now: float) -> None:
        """The bytes of addresses that have expired go; the addresses go on to say so."""
        for row in self._all("SELECT * FROM file WHERE is_swept = 0 AND expires_at <= ?", [now]):
            self.path(_kept(dict(row))).unlink(missing_ok=True)
            self._all("UPDATE file SET is_swept = 1 WHERE id = ?", [row["id"]])

    def sell(self, *, kind: str, model: str, prompt: str, quota: int, detail: str, now: float) -> None:
        """Write down what was billed: `kind` is image or chat, 500,000 quota are 1 USD."""
        self._all(
            "INSERT INTO sale (at, kind, model, prompt, quota, detail) VALUES (?, ?, ?, ?, ?, ?)",
            [now, kind, model, prompt, quota, detail],
        )

    def sales(self) -> list[dict[str, Any]]:
        return [dict(row) for row in self._all("SELECT * FROM sale ORDER BY id")]


def _kept(row: dict[str, Any]) -> Kept:
    fields = {name: row[name] for name in ("id", "token", "suffix", "content_type", "expires_at", "fetches")}
    return Kept(**fields, words=frozenset(row["words"].split()))
