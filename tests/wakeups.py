"""The wake-ups that wait for a worker, seen and taken by hand, whichever broker carries them: the database or Redis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from generations import queue

CLUSTERS = [str(settings.Q_CLUSTER["name"]), *sorted(set(queue.CLUSTER_OF.values()))]


@dataclass(frozen=True, slots=True)
class WakeUp:
    task: str
    arguments: tuple[Any, ...]

    def run(self) -> None:
        import_string(f"generations.tasks.{self.task}")(*self.arguments)


def waiting() -> list[WakeUp]:
    """Those that would go out if what is written so far were committed now; with Redis, by cluster."""
    return [WakeUp(task["func"].removeprefix("generations.tasks."), task["args"]) for task in _packages()]


def names() -> list[str]:
    return [wake_up.task for wake_up in waiting()]


def take() -> list[WakeUp]:
    """All that wait; they wait no more."""
    taken = waiting()
    forget()
    return taken


def forget() -> None:
    """As if all that wait had been lost."""
    if settings.REDIS_URL:
        _commit()
        empty_redis()
    else:
        OrmQ.objects.all().delete()


def empty_redis() -> None:
    for cluster in CLUSTERS:
        queue._redis(cluster).delete_queue()


def _packages() -> list[dict[str, Any]]:
    if not settings.REDIS_URL:
        return [row.task for row in OrmQ.objects.order_by("id")]
    _commit()
    brokers = [queue._redis(cluster) for cluster in CLUSTERS]
    return [SignedPackage.loads(raw) for broker in brokers for raw in broker.connection.lrange(broker.list_key, 0, -1)]


def _commit() -> None:
    """Most tests run in a transaction that is never committed: what waits for the commit is let go by hand."""
    pending, connection.run_on_commit = connection.run_on_commit, []
    for entry in pending:
        entry[1]()
