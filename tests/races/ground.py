"""What the races stand on: a migrated database with the catalogue and people, and threads that start together."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
from django.core.management import call_command
from django.db import connections
from django.test.utils import setup_test_environment
from django.utils import timezone

from generations.accounts.models import User
from generations.jobs import invariants
from generations.jobs.models import Job
from generations.ledger.models import Budget, BudgetMonth
from generations.projects.models import Project
from generations.relay.client import Relay
from tests import builders

MOST_THREADS = 50
PRICE_MICROS = 336_263  # what builders.ask costs
_numbers = itertools.count(1)


class Lost(AssertionError):
    """A race that ended as it must not."""


def need(holds: bool, story: object) -> None:
    if not holds:
        raise Lost(str(story))


class Ground:
    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self.pool = pool
        self.people = [builders.user(f"racer{n}") for n in range(3)]

    @property
    def ben(self) -> User:
        return self.people[0]

    def at_once(self, *calls: Callable[[], Any]) -> list[Any]:
        """Runs these in a thread each, all begun at the same moment; an exception is a result."""
        barrier = threading.Barrier(len(calls))

        def run(call: Callable[[], Any]) -> Any:
            barrier.wait(30)
            try:
                return call()
            except Exception as raised:  # noqa: BLE001 - what a thread met is for the race to judge
                return raised

        futures: list[Future[Any]] = [self.pool.submit(run, call) for call in calls]
        return [future.result() for future in futures]

    def project(self) -> Project:
        """A new one, in which everybody is a member."""
        name = f"race{next(_numbers)}"
        made = builders.project(name, manager=self.people[0])
        for person in self.people[1:]:
            made.memberships.create(user=person, role="member")
        return made

    def running_job(self, project: Project) -> tuple[Job, str]:
        task_id = f"task_{next(_numbers)}"
        return builders.running_job(project, self.ben, task_id=task_id), task_id


def month(round_number: int) -> dt.datetime:
    """A moment in a month that no other round uses: the studio's own budget begins anew in each."""
    return dt.datetime(2027 + round_number // 12, round_number % 12 + 1, 15, tzinfo=dt.UTC)


def set_limit(key: str, limit_micros: int | None, **owner: Any) -> None:
    """The standing limit, before a month of it exists."""
    fields = owner | {"scope": key.partition(":")[0], "currency": "SBX", "limit_micros": limit_micros}
    Budget.objects.update_or_create(key=f"{key}:SBX", defaults=fields)


def months_at(now: dt.datetime) -> list[BudgetMonth]:
    return list(BudgetMonth.objects.select_related("budget").filter(month=now.date().replace(day=1)))


def counting(answer: Callable[[], httpx.Response]) -> tuple[Relay, list[httpx.Request]]:
    """A relay and the requests that have reached it."""
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answer()

    return Relay("https://relay.example/v1", "sbx-test", httpx.MockTransport(handle)), seen


def check_invariants() -> None:
    broken = invariants.violations(timezone.now() + dt.timedelta(days=365 * 40))
    need(broken == [], broken)


@contextmanager
def prepared() -> Iterator[Ground]:
    setup_test_environment(debug=False)
    call_command("migrate", interactive=False, verbosity=0)
    call_command("import_catalog", stdout=io.StringIO())
    with ThreadPoolExecutor(MOST_THREADS) as pool:
        yield Ground(pool)
        list(pool.map(lambda _: connections.close_all(), range(MOST_THREADS)))
    connections.close_all()
