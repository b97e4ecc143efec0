"""Looks at running jobs that move nothing: progress and silence, written for many jobs at once and only where new."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction

from generations.jobs.exchanges import exchange_row
from generations.jobs.models import Attempt, Exchange, Job
from generations.jobs.observing import DISOWNED_FOR
from generations.jobs.states import State
from generations.relay.errors import RelayFault, UnknownTask
from generations.relay.exchange import Exchange as Said
from generations.relay.wire import Phase, Task

Reading = tuple[Task, Said] | RelayFault

# One statement for both databases, which name the columns of VALUES alike. Whoever moved a job since keeps it.
NOTE = """UPDATE generations_job SET version = generations_job.version + 1, unanswered_since = %s, {changes}
          FROM (VALUES {rows}) AS news
          WHERE generations_job.id = news.column1 AND generations_job.version = news.column2
            AND generations_job.state = 'running'"""
PROGRESS = "progress = CAST(news.column3 AS smallint), relay_status = CAST(news.column4 AS varchar(40))"
SILENCE = "progress = generations_job.progress"


class Look(NamedTuple):
    """What must be known of a running job to judge an answer about its task."""

    job_id: UUID
    version: int
    progress: int | None
    relay_status: str
    unanswered_since: dt.datetime | None
    attempt_id: int
    task_id: str


def looks_at(job_ids: Iterable[str]) -> list[Look]:
    """Those of the jobs that run, by one query."""
    running = Attempt.objects.filter(
        job__in=list(job_ids), job__state=State.RUNNING, relay_task_id__isnull=False, superseded_at=None
    )
    of_job = ("job_id", "job__version", "job__progress", "job__relay_status", "job__unanswered_since")
    return [Look(*row) for row in running.values_list(*of_job, "pk", "relay_task_id")]


def is_quiet(look: Look, reading: Reading, now: dt.datetime) -> bool:
    """Whether this answer leaves the job where it is."""
    if isinstance(reading, UnknownTask):
        return look.unanswered_since is None or now - look.unanswered_since <= DISOWNED_FOR
    return isinstance(reading, RelayFault) or reading[0].phase not in {Phase.DONE, Phase.FAILED}


def note(quiet: Iterable[tuple[Look, Reading]], now: dt.datetime) -> None:
    """Writes down what is new: at most one statement for answers, one for silences, one for their exchanges."""
    answers: list[tuple[object, ...]] = []
    silences: list[tuple[object, ...]] = []
    exchanges: list[Exchange] = []
    for look, reading in quiet:
        if isinstance(reading, RelayFault):
            if look.unanswered_since is None:
                silences.append((_key(look.job_id), look.version))
                exchanges.append(exchange_row(look.attempt_id, reading.exchange, now))
            continue
        task, said = reading
        status = task.status[:40]
        if (look.progress, look.relay_status, look.unanswered_since) != (task.progress, status, None):
            answers.append((_key(look.job_id), look.version, task.progress, status))
        if look.relay_status != status:
            exchanges.append(exchange_row(look.attempt_id, said, now))
    if answers or silences:
        _write(answers, silences, exchanges, now)


@transaction.atomic
def _write(
    answers: Sequence[tuple[object, ...]],
    silences: Sequence[tuple[object, ...]],
    exchanges: Sequence[Exchange],
    now: dt.datetime,
) -> None:
    _update(PROGRESS, answers, unanswered_since=None)
    _update(SILENCE, silences, unanswered_since=now)
    Exchange.objects.bulk_create(exchanges)


def _update(changes: str, rows: Sequence[tuple[object, ...]], *, unanswered_since: dt.datetime | None) -> None:
    if rows:
        places = ", ".join([f"({', '.join(['%s'] * len(rows[0]))})"] * len(rows))
        since = connection.ops.adapt_datetimefield_value(unanswered_since)
        values: list[Any] = [since, *(value for row in rows for value in row)]
        with connection.cursor() as cursor:
            cursor.execute(NOTE.format(changes=changes, rows=places), values)


def _key(job_id: UUID) -> object:
    """The id as this database keeps it."""
    return Job._meta.pk.get_db_prep_value(job_id, connection)
