"""`manage.py reconcile`: a day's attempts and charges against the relay's record; exit status 1 at a difference."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from generations.jobs import reconciling, statements, truths
from generations.jobs.poller import Reader
from generations.jobs.reconciling import Reading
from generations.ledger.money import show
from generations.relay.client import AsyncRelay, Relay
from generations.relay.errors import RelayFault


class Command(BaseCommand):
    help = (
        "Compares a day with the relay's record, lists every difference with what to do, keeps it on the truth board."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--day", type=dt.date.fromisoformat, metavar="YYYY-MM-DD", help="in UTC; today by default")
        parser.add_argument("--statement", type=Path, metavar="FILE", help="the relay's own list, as CSV or JSON")

    def handle(self, *, day: dt.date | None, statement: Path | None, **options: Any) -> None:
        now = timezone.now()
        record = record_of(statement)
        report = reconciling.reconcile(
            day or now.astimezone(dt.UTC).date(), record, _ask, now, is_sandbox=settings.IS_SANDBOX
        )
        truths.keep(report, has_record=record is not None, now=now)
        for difference in report.differences:
            self.stdout.write(
                f"{difference.what}\n  task {difference.task_id or '?'}, job {difference.job_id or 'none'}"
            )
            self.stdout.write(f"  to do: {difference.to_do}")
        currency = "SBX" if settings.IS_SANDBOX else "USD"
        charged, relay = show(report.charged_micros, currency), show(report.relay_micros, currency)
        compared = "" if record is not None else " (task by task: the relay's own list was not given)"
        self.stdout.write(f"{report.day}: {report.attempts} attempts, charged {charged}, the relay {relay}{compared}.")
        if report.differences:
            raise CommandError(f"{len(report.differences)} difference(s).")
        self.stdout.write("No difference.")


def record_of(statement: Path | None) -> list[statements.Told] | None:
    """The statement's rows, else the sandbox's own list when it is the relay, else None. Raises CommandError."""
    try:
        if statement:
            return statements.read(statement)
        if settings.IS_SANDBOX:
            return statements.told(Relay(settings.RELAY_URL, settings.RELAY_API_KEY).listing())
    except (statements.BadStatement, RelayFault) as problem:
        raise CommandError(f"The relay's record can't be read: {problem}") from None
    return None


def _ask(task_ids: list[str]) -> Mapping[str, Reading]:
    reader = Reader(AsyncRelay(settings.RELAY_URL, settings.RELAY_API_KEY))
    try:
        return reader.read_all(task_ids)
    finally:
        reader.close()
