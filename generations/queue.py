"""The only import of django_q: wake-ups that carry ids. Losing one, or running it twice, changes nothing."""

from collections.abc import Sequence
from typing import Any

from django_q.tasks import async_task

# Clusters of their own, so that a long download delays neither looking nor sending, and a slow submit no download.
POLLS, FILES = "polls", "files"
CLUSTER_OF = {
    "poll_jobs": POLLS,
    "observe_job": POLLS,
    "beat_polls": POLLS,
    "fetch_job": FILES,
    "illustrate_media": FILES,
    "beat_files": FILES,
}


def wake(task: str, argument: str | int | Sequence[str] | None = None) -> None:
    """Has a worker run `tasks.<task>(argument)` soon; inside a transaction, once it has committed.

    The ORM broker's INSERT is part of the caller's transaction.
    """
    arguments: list[Any] = [] if argument is None else [argument]
    async_task(f"generations.tasks.{task}", *arguments, cluster=CLUSTER_OF.get(task))
