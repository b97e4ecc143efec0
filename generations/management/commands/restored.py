"""`manage.py restored`: after an old backup was put back, nothing is sent until the relay's tasks since are matched."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from generations.jobs import restoring
from generations.management.commands.reconcile import record_of


class Command(BaseCommand):
    help = "Holds all sending after a backup was restored; --finish matches the relay's tasks and lets it go on."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("backup_at", nargs="?", type=_moment, help="when the backup was made, as 2026-11-22T10:00Z")
        parser.add_argument("--finish", action="store_true", help="match the relay's tasks since then, and go on")
        parser.add_argument("--statement", type=Path, metavar="FILE", help="the relay's own list, as CSV or JSON")
        parser.add_argument("--accept", action="store_true", help="go on though tasks of the relay match no job")

    def handle(
        self, *, backup_at: dt.datetime | None, finish: bool, statement: Path | None, accept: bool, **options: Any
    ) -> None:
        if finish == bool(backup_at):
            raise CommandError("Name the time of the backup to begin, or --finish to end.")
        if backup_at:
            self._begin(backup_at)
        else:
            self._finish(statement, accept)

    def _begin(self, backup_at: dt.datetime) -> None:
        aside = restoring.begin(backup_at, timezone.now())
        self.stdout.write(f"Nothing is sent any more. {len(aside)} job(s) that may have been sent are set aside.")
        self.stdout.write("Start the studio, then: manage.py restored --finish [--statement FILE]")

    def _finish(self, statement: Path | None, accept: bool) -> None:
        record = record_of(statement)
        if record is None and not accept:
            raise CommandError("Give the relay's own list with --statement, or --accept to go on without one.")
        outcome = restoring.match(record, timezone.now()) if record is not None else None
        if outcome:
            self._tell(outcome)
        if outcome and outcome.strange and not accept:
            raise CommandError("Sending stays held. Look at these tasks, then give --accept as well.")
        restoring.finish(timezone.now())
        self.stdout.write("Sending goes on.")

    def _tell(self, outcome: restoring.Outcome) -> None:
        for job, told in outcome.matched:
            self.stdout.write(f"matched: task {told.task_id} is job {job.pk}")
        for job in outcome.requeued:
            self.stdout.write(f"not sent: job {job.pk} goes back to the queue")
        for told in outcome.strange:
            self.stdout.write(f"no job: task {told.task_id} ({told.model}, {told.prompt[:60]!r}): fetch it by hand")


def _moment(text: str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
