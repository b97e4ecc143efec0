"""The only import of django_q: wake-ups that carry ids. Losing one, or running it twice, changes nothing."""

import datetime as dt
import functools
import logging
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django_q.brokers import Broker, get_broker
from django_q.models import OrmQ
from django_q.tasks import async_task

log = logging.getLogger(__name__)

# Clusters of their own, so that a long download delays neither looking nor sending, and a slow submit no download.
POLLS, FILES = "polls", "files"
CLUSTER_OF = {
    "poll_jobs": POLLS,
    "observe_job": POLLS,
    "inquire": POLLS,
    "write_notices": POLLS,
    "beat_polls": POLLS,
    "fetch_job": FILES,
    "fetch_spare": FILES,
    "check_invariants": FILES,
    "compare_day": FILES,
    "compare_days": FILES,
    "fetch_asset": FILES,
    "illustrate_media": FILES,
    "mail_notices": FILES,
    "beat_files": FILES,
}


def wake(task: str, argument: str | int | Sequence[str] | None = None) -> None:
    """Has a worker run `tasks.<task>(argument)` soon; inside a transaction, once it has committed.

    The ORM broker's INSERT is part of the caller's transaction; Redis, which knows of none, is told after the commit.
    """
    arguments: list[Any] = [] if argument is None else [argument]
    push = functools.partial(async_task, f"generations.tasks.{task}", *arguments)
    cluster = CLUSTER_OF.get(task, str(settings.Q_CLUSTER["name"]))
    if settings.REDIS_URL:
        transaction.on_commit(lambda: _tell_redis(push, cluster))
    else:
        push(cluster=cluster)


def _tell_redis(push: "functools.partial[str]", cluster: str) -> None:
    """A Redis that is away costs the wake-up, never the page: the sweep finds the job."""
    try:
        push(cluster=cluster, broker=_redis(cluster))
    except Exception as problem:  # noqa: BLE001 - whatever a broker may raise, the job has been committed
        log.warning("a wake-up was lost: %s", problem)


@functools.cache
def _redis(cluster: str) -> Broker:
    """One connection pool a process and cluster; django-q2 would make one for each wake-up."""
    return get_broker(cluster)


def forget_taken(now: dt.datetime) -> int:
    """Drops the wake-ups that were taken longer ago than any task may run: whoever took them died, or their monitor.

    They would come again each half hour, more and more of them. Answers how many there were.
    """
    config: dict[str, Any] = settings.Q_CLUSTER
    taken_at = now - dt.timedelta(seconds=2 * config["timeout"])
    is_taken = OrmQ.objects.filter(lock__gt=now, lock__lt=taken_at + dt.timedelta(seconds=config["retry"]))
    return int(is_taken.delete()[0])
