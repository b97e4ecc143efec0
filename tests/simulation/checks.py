"""The rules, asked of the database after every commit: jobs/invariants.py as one query, and what the double knows."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from django.db import connection

from generations.catalog.models import Unit
from generations.jobs import invariants
from generations.relay.wire import Phase
from tests.simulation.double import Double, Rendering
from tests.simulation.workers import Broken

ONE_QUERY = " UNION ALL ".join(
    f"SELECT '{name}' WHERE EXISTS ({query})".replace("?soon", "%s") for name, (_, query) in invariants.CHECKS.items()
)
MOMENTS = sum("?soon" in query for _, query in invariants.CHECKS.values())
ATTEMPTS = """SELECT a.id, a.relay_task_id, a.sending_at IS NOT NULL, h.state, h.charged_micros, h.amount_micros,
                     j.id, j.state, p.unit, p.amount_micros, m.sha256
              FROM generations_attempt a JOIN generations_hold h ON h.id = a.hold_id
              JOIN generations_job j ON j.id = a.job_id JOIN generations_price p ON p.id = j.price_id
              LEFT JOIN generations_output o ON o.job_id = j.id
                   AND o.position = CASE WHEN a.superseded_at IS NULL THEN 0 ELSE a.number END
              LEFT JOIN generations_mediafile m ON m.id = o.media_id"""


@dataclass(frozen=True, slots=True)
class Row:
    attempt_id: int
    task_id: str | None
    was_sent: bool
    hold: str
    charged_micros: int | None
    held_micros: int
    job_id: str
    state: str
    unit: str
    price_micros: int
    sha256: str | None


def rows() -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(ATTEMPTS)
        return [Row(*values) for values in cursor.fetchall()]


def check_rules(now: dt.datetime) -> None:
    """The invariants that hold at every commit. `now` is the latest that the studio's clock has ever shown."""
    soon = now + invariants.SOON
    with connection.cursor() as cursor:
        cursor.execute(ONE_QUERY, [soon] * MOMENTS)
        if found := [name for (name,) in cursor.fetchall()]:
            details = [violation for violation in invariants.violations(now) if violation.name in found]
            raise Broken("; ".join(f"{one.name} ({one.rule}): {one.rows}" for one in details))


def check_relay(double: Double, digests: tuple[str, ...]) -> None:
    """I7 and I11: what the relay has of ours, against what we think that it has."""
    found = rows()
    by_attempt = {row.attempt_id: row for row in found}
    counted = Counter(task.sender.attempt_id for task in double.tasks.values())
    for attempt_id, count in counted.items():
        if attempt_id not in by_attempt:
            raise Broken(f"I7: a task was made for attempt {attempt_id}, which was not committed")
        if count > 1:
            raise Broken(f"I7: the relay has {count} tasks of attempt {attempt_id}")
    for task in double.tasks.values():
        _check_task(task, by_attempt[task.sender.attempt_id])
    for row in found:
        if row.task_id in double.tasks:
            _check_row(row, double.tasks[row.task_id], digests)
        elif row.task_id:
            raise Broken(f"I8: attempt {row.attempt_id} has {row.task_id}, which the relay never gave")


def _check_task(task: Rendering, row: Row) -> None:
    """A task that is or will be billed is charged, or its money is held."""
    if task.ends is Phase.DONE and not task.said_failed and row.hold == "released":
        raise Broken(f"I11: {task.task_id} of {task.sender.label} is billed, its hold was released ({row.state})")


def _check_row(row: Row, task: Rendering, digests: tuple[str, ...]) -> None:
    """What was charged is what the relay billed, for this job's own task and clip."""
    if task.sender.attempt_id != row.attempt_id:
        raise Broken(f"I8: attempt {row.attempt_id} has {task.task_id}, which is another's")
    if row.hold != "charged":
        return
    if not task.said_done:
        raise Broken(f"{task.sender.label} was charged, but the relay never said that {task.task_id} is done")
    if row.charged_micros != (cost := cost_of(task, row)):
        raise Broken(f"I11: {task.sender.label} was charged {row.charged_micros}, the relay billed {cost}")
    if row.sha256 and row.sha256 != digests[task.clip]:
        raise Broken(f"I10: {task.sender.label} has another's clip")


def cost_of(task: Rendering, row: Row) -> int:
    """What the relay bills: its quota, its tokens at the price of the day of asking, else what was estimated."""
    if task.figures == "quota":
        return task.quota * 2
    if task.figures == "tokens" and row.unit == Unit.PER_MILLION_TOKENS:
        return (task.tokens * row.price_micros + 500_000) // 1_000_000
    return row.held_micros


def check_ended(double: Double) -> None:
    """I12: after faults stopped every job has ended, or a person owns it, and not without need."""
    called = {task.sender.attempt_id for task in double.tasks.values() if task.is_called_back and task.callback_path}
    for row in rows():
        if row.state not in ("succeeded", "failed", "cancelled", "unknown", "awaiting_approval"):
            raise Broken(f"I12: job {row.job_id} is still {row.state}")
        if row.state == "unknown" and row.task_id and row.task_id in double.tasks and row.attempt_id not in called:
            raise Broken(f"I12: job {row.job_id} waits for a person, though its task is known")
