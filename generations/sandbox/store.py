"""The sandbox's memory: one SQLite file with tasks, the posts that asked for them, result addresses, callbacks."""

import json
import secrets
from collections.abc import Iterable
from typing import Any

from generations.relay.wire import VideoRequest
from generations.sandbox.database import Database
from generations.sandbox.rows import Address, Callback, Row, State, as_address, as_row

SCHEMA = """
CREATE TABLE IF NOT EXISTS task (
    id TEXT PRIMARY KEY, body TEXT NOT NULL, words TEXT NOT NULL, seed INTEGER NOT NULL, origin TEXT NOT NULL,
    state TEXT NOT NULL, created_at REAL NOT NULL, next_at REAL, started_at REAL, finished_at REAL, expires_at REAL,
    error_code TEXT NOT NULL DEFAULT '', error_message TEXT NOT NULL DEFAULT '', quota INTEGER, tokens INTEGER,
    reads INTEGER NOT NULL DEFAULT 0, done_reads INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS task_due ON task (next_at) WHERE next_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS post (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, prompt TEXT NOT NULL, callback_url TEXT NOT NULL,
    model TEXT NOT NULL, outcome TEXT NOT NULL DEFAULT '', task_id TEXT
);
CREATE INDEX IF NOT EXISTS post_prompt ON post (prompt);
CREATE TABLE IF NOT EXISTS address (
    token TEXT PRIMARY KEY, task_id TEXT NOT NULL, made_at REAL NOT NULL, expires_at REAL NOT NULL,
    fetches INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS address_task ON address (task_id);
CREATE TABLE IF NOT EXISTS callback (
    id INTEGER PRIMARY KEY, task_id TEXT NOT NULL, url TEXT NOT NULL, due_at REAL, tries INTEGER NOT NULL DEFAULT 0,
    answer TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS callback_due ON callback (due_at) WHERE due_at IS NOT NULL;
"""


class Store(Database):
    """Tasks and what belongs to them. Every method commits on its own; any thread may call."""

    schema = SCHEMA

    # Posts

    def add_post(self, model: str, prompt: str, callback_url: str | None, now: float) -> tuple[int, int]:
        """The id of a new post, and how many posts had the same prompt before it."""
        with self._lock:
            row = self._only("SELECT COUNT(*) AS earlier FROM post WHERE prompt = ?", [prompt])
            post = self._only(
                "INSERT INTO post (at, prompt, callback_url, model) VALUES (?, ?, ?, ?) RETURNING id",
                [now, prompt, callback_url or "", model],
            )
        return post["id"], row["earlier"]

    def answer_post(self, post_id: int, outcome: str, task_id: str | None) -> None:
        self._all("UPDATE post SET outcome = ?, task_id = ? WHERE id = ?", [outcome, task_id, post_id])

    def posts(self) -> list[dict[str, Any]]:
        return [dict(row) for row in self._all("SELECT * FROM post ORDER BY id")]

    # Tasks

    def add_task(self, asked: VideoRequest, words: frozenset[str], origin: str, now: float, next_at: float) -> Row:
        """A new queued task. A seed that was not given is thrown here, and kept."""
        task_id = f"task_{secrets.token_hex(16)}"
        seed = secrets.randbelow(2**31) if asked.seed in (None, -1) else asked.seed
        self._all(
            "INSERT INTO task (id, body, words, seed, origin, state, created_at, next_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                task_id,
                json.dumps(asked.to_json()),
                " ".join(sorted(words)),
                seed,
                origin,
                State.QUEUED,
                now,
                next_at,
            ],
        )
        return self.task(task_id)

    def find(self, task_id: str) -> Row | None:
        row = self._one("SELECT * FROM task WHERE id = ?", [task_id])
        return None if row is None else as_row(row)

    def task(self, task_id: str) -> Row:
        """Raises KeyError when there is none."""
        row = self.find(task_id)
        if row is None:
            raise KeyError(task_id)
        return row

    def tasks(self) -> list[Row]:
        return [as_row(row) for row in self._all("SELECT * FROM task ORDER BY created_at, rowid")]

    def due_tasks(self, now: float) -> list[Row]:
        rows = self._all("SELECT * FROM task WHERE next_at <= ? ORDER BY next_at, rowid", [now])
        return [as_row(row) for row in rows]

    def spent_tasks(self, now: float) -> list[Row]:
        """Done tasks whose clip nobody can fetch any more."""
        return [as_row(row) for row in self._all("SELECT * FROM task WHERE expires_at <= ?", [now])]

    def next_due_at(self) -> float | None:
        """When the engine must look next."""
        row = self._one(
            "SELECT MIN(at) AS at FROM (SELECT MIN(next_at) AS at FROM task WHERE next_at IS NOT NULL"
            " UNION ALL SELECT MIN(due_at) FROM callback WHERE due_at IS NOT NULL)"
        )
        return None if row is None else row["at"]

    def start_task(self, task_id: str, now: float, next_at: float | None) -> None:
        self._all(
            "UPDATE task SET state = ?, started_at = ?, next_at = ? WHERE id = ?",
            [State.RUNNING, now, next_at, task_id],
        )

    def render_task(self, task_id: str) -> None:
        self._all("UPDATE task SET state = ?, next_at = NULL WHERE id = ?", [State.RENDERING, task_id])

    def take_up_renders(self, now: float) -> None:
        """After a restart nothing renders any more: what did is due again."""
        self._all("UPDATE task SET next_at = ? WHERE state = ?", [now, State.RENDERING])

    def finish_task(
        self,
        task_id: str,
        now: float,
        expires_at: float,
        bill: tuple[int | None, int | None],
        sends: Iterable[float],
    ) -> None:
        """Done: billed (quota, tokens), its callbacks due at the times of `sends`, all at once."""
        with self._lock, self._whole():
            self._all(
                "UPDATE task SET state = ?, finished_at = ?, expires_at = ?, quota = ?, tokens = ?, next_at = NULL"
                " WHERE id = ?",
                [State.DONE, now, expires_at, *bill, task_id],
            )
            self._add_callbacks(task_id, sends)

    def fail_task(self, task_id: str, now: float, code: str, message: str, sends: Iterable[float]) -> None:
        with self._lock, self._whole():
            self._all(
                "UPDATE task SET state = ?, finished_at = ?, error_code = ?, error_message = ?, next_at = NULL"
                " WHERE id = ?",
                [State.FAILED, now, code, message, task_id],
            )
            self._add_callbacks(task_id, sends)

    def count_read(self, task_id: str) -> Row | None:
        """The task, this read of it counted."""
        row = self._one(
            "UPDATE task SET reads = reads + 1, done_reads = done_reads + (state = 'done') WHERE id = ? RETURNING *",
            [task_id],
        )
        return None if row is None else as_row(row)

    # Addresses of results

    def address(self, task: Row, now: float) -> Address:
        """The newest address that still works; a fresh one when none does and the clip is still there."""
        with self._lock:
            row = self._one(
                "SELECT * FROM address WHERE task_id = ? ORDER BY expires_at > ? DESC, rowid DESC",
                [task.id, now],
            )
            ends_at = task.expires_at or now
            if row is None or row["expires_at"] <= now < ends_at:
                row = self._only(
                    "INSERT INTO address (token, task_id, made_at, expires_at) VALUES (?, ?, ?, ?) RETURNING *",
                    [secrets.token_urlsafe(24), task.id, now, ends_at],
                )
            return as_address(row)

    def fetch_address(self, token: str) -> Address | None:
        """The address, this download of it counted."""
        row = self._one("UPDATE address SET fetches = fetches + 1 WHERE token = ? RETURNING *", [token])
        return None if row is None else as_address(row)

    def find_address(self, token: str) -> Address | None:
        row = self._one("SELECT * FROM address WHERE token = ?", [token])
        return None if row is None else as_address(row)

    def count_addresses(self, task_id: str) -> int:
        return len(self._all("SELECT 1 FROM address WHERE task_id = ?", [task_id]))

    def expire_address(self, token: str, now: float) -> None:
        self._all("UPDATE address SET expires_at = ? WHERE token = ?", [now, token])

    # Callbacks

    def _add_callbacks(self, task_id: str, sends: Iterable[float]) -> None:
        url = self.task(task_id).asked.callback_url
        for due_at in sends:
            self._all("INSERT INTO callback (task_id, url, due_at) VALUES (?, ?, ?)", [task_id, url, due_at])

    def due_callbacks(self, now: float) -> list[Callback]:
        rows = self._all("SELECT id, task_id, url, tries FROM callback WHERE due_at <= ? ORDER BY due_at, id", [now])
        return [Callback(**dict(row)) for row in rows]

    def answer_callback(self, callback_id: int, answer: str, due_at: float | None) -> None:
        """What came back; `due_at` is when to try again, None for never."""
        self._all(
            "UPDATE callback SET answer = ?, due_at = ?, tries = tries + 1 WHERE id = ?",
            [answer, due_at, callback_id],
        )

    def callbacks(self) -> list[dict[str, Any]]:
        return [dict(row) for row in self._all("SELECT * FROM callback ORDER BY id")]
