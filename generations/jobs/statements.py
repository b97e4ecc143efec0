"""What the relay has on record of its tasks, from a statement file or from the sandbox's own list."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from generations.relay.wire import PHASES, Phase

QUOTA_MICROS = 2  # 500,000 of quota are a dollar


class BadStatement(ValueError):
    """The file can not be read as a statement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One task on the relay's record. Empty or None: the record does not say."""

    task_id: str
    at: dt.datetime | None = None
    model: str = ""
    prompt: str = ""
    phase: Phase | None = None
    cost_micros: int | None = None


def read(path: Path) -> list[Told]:
    """A CSV with a header, or JSON: a list of objects, or {"tasks": […]}.

    `task_id` is needed. Used where given: created_at (unix seconds or ISO 8601), model, prompt, status, cost_usd or
    quota.
    Raises BadStatement.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        rows = _json_rows(text) if text.lstrip()[:1] in ("[", "{") else list(csv.DictReader(io.StringIO(text)))
    except (OSError, ValueError, csv.Error) as problem:
        raise BadStatement(f"{path} can not be read: {problem}") from None
    return told(rows)


def _json_rows(text: str) -> list[Any]:
    body = json.loads(text)
    rows = body.get("tasks") if isinstance(body, dict) else body
    if not isinstance(rows, list):
        raise ValueError("neither a list nor an object with tasks")
    return rows


def told(rows: Iterable[Mapping[str, Any]]) -> list[Told]:
    """Raises BadStatement, naming the row."""
    return [_told(number, row) for number, row in enumerate(rows, start=1)]


def _told(number: int, row: Mapping[str, Any]) -> Told:
    try:
        if not row["task_id"]:
            raise ValueError("no task_id")
        return Told(
            task_id=str(row["task_id"]).strip(),
            at=_moment(row.get("created_at")),
            model=str(row.get("model") or ""),
            prompt=str(row.get("prompt") or ""),
            phase=PHASES.get(_status(row).lower()),
            cost_micros=_cost_micros(row),
        )
    except (KeyError, TypeError, AttributeError, ValueError, InvalidOperation, OverflowError) as problem:
        raise BadStatement(f"row {number}: {problem!r}") from None


def _status(row: Mapping[str, Any]) -> str:
    word = str(row.get("status") or row.get("state") or "").strip()
    return {"done": "succeeded", "rendering": "running"}.get(word, word)


def _cost_micros(row: Mapping[str, Any]) -> int | None:
    if row.get("cost_usd") not in (None, ""):
        return int(Decimal(str(row["cost_usd"]).removeprefix("$")) * 1_000_000)
    return int(row["quota"]) * QUOTA_MICROS if row.get("quota") not in (None, "") else None


def _moment(value: Any) -> dt.datetime | None:
    if value in (None, ""):
        return None
    try:
        return dt.datetime.fromtimestamp(float(value), dt.UTC)
    except ValueError:
        moment = dt.datetime.fromisoformat(str(value))
        return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
