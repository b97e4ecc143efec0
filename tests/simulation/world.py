"""One schedule: the rooms, the double, a clock and a queue under a seed; its steps are written down as they happen."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import random
from collections.abc import Callable

import httpx
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection
from django.http import Http404
from django_q.models import OrmQ

from generations.catalog.pricing import NoPrice, NoSku
from generations.jobs import approvals, lifecycle, unknowns
from generations.jobs.models import Attempt, Job
from generations.jobs.sending import hash_token
from generations.jobs.states import Overtaken
from generations.ledger import budgets
from generations.projects.membership import LastManager
from tests.simulation import checks
from tests.simulation.double import Double, Sender
from tests.simulation.files import Answer
from tests.simulation.stage import Stage
from tests.simulation.weather import Weather
from tests.simulation.workers import DEEPEST, Broken, Crash, Fate, Locked, Run, Workers

BEGINS = (dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC), dt.datetime(2026, 11, 30, 23, 55, tzinfo=dt.UTC))
# What a page answers with a message: nothing has gone wrong.
SAID = (
    *lifecycle.REFUSALS,
    budgets.OverBudget,
    budgets.Paused,
    budgets.LimitBelowUse,
    approvals.MayNotDecide,
    unknowns.Resolved,
    NoPrice,
    NoSku,
    LastManager,
    Overtaken,
    ObjectDoesNotExist,
    Http404,
)


NEXT_LOOK = "SELECT MIN(next_action_at) FROM generations_job WHERE state <> 'awaiting_approval'"


class World:
    """The state of one schedule. `current` is the one that the patched clock and transports ask."""

    current: World

    def __init__(self, seed: int, stage: Stage) -> None:
        World.current = self
        self.rng = random.Random(seed)
        random.seed(seed)
        self._urandom = random.Random(seed + 1)
        self.stage = stage
        self.true_seconds = 0.0
        self.begins_at = self.rng.choice(BEGINS)
        self.skew_seconds = 0.0  # of the studio's clock, which an hour's step moves
        self.latest = self.begins_at
        self.log: list[str] = []
        self.is_calm = False
        self.is_disk_full = False
        self._is_among_others = False
        self.others: Callable[[], None] = lambda: None  # one step of somebody else
        self.weather = Weather(self.rng)
        self.double = Double(
            self.rng, self.weather, stage.clips, lambda: self.true_seconds, self.wait, self.note, self.bound
        )
        self.digests = tuple(hashlib.sha256(clip).hexdigest() for clip in stage.clips)
        self.workers = Workers(self.interlude, self.check)
        self._checked_changes = -1

    # ------------------------------------------------------------------ time and chance

    @property
    def now(self) -> dt.datetime:
        return self.begins_at + dt.timedelta(seconds=self.true_seconds + self.skew_seconds)

    def pass_time(self, seconds: float) -> None:
        self.true_seconds += seconds
        self.latest = max(self.latest, self.now)

    def step_clock(self, seconds: float) -> None:
        self.skew_seconds += seconds
        self.latest = max(self.latest, self.now)

    def random_bytes(self, count: int) -> bytes:
        return self._urandom.randbytes(count)

    def note(self, text: str) -> None:
        self.log.append(f"{self.now:%d %H:%M:%S} {'  ' * self.workers.depth}{text}")

    # ------------------------------------------------------------------ who works

    def run(self, name: str, work: Callable[[], object], *, is_fated: bool = True) -> None:
        """Lets a worker or a page do this; it may die, stall, or be told no. Then every rule must hold."""
        self.note(name)
        run = Run(name, self._fate() if is_fated else Fate())
        self.workers.runs.append(run)
        try:
            work()
        except Crash:
            self.note(f"died after {run.statements} statements")
        except Locked:
            self.note("the database was locked")
        except SAID as no:
            self.note(f"no: {type(no).__name__}")
        except Exception as error:
            raise Broken(f"{name}: {type(error).__name__}: {error}") from error
        finally:
            self.workers.runs.pop()
        if connection.in_atomic_block:
            raise Broken(f"{name} left a transaction open")
        self.check()

    def _fate(self) -> Fate:
        rng, has = self.rng, self.weather.has
        if self.is_calm:
            return Fate()
        return Fate(
            dies_at=rng.randrange(1, 50) if has("worker", "dies") else 0,
            dies_after=rng.random() < 0.5,
            stalls_at=rng.randrange(2, 20) if has("worker", "stalls") else 0,
            stalls_at_begin=rng.choice((1, 1, 2)) if has("worker", "stalls_at_begin") else 0,
            locked_at=rng.randrange(1, 40) if has("worker", "locked") else 0,
            dies_in_request=rng.choice(("before", "after")) if has("worker", "dies_in_request") else "",
            stalls_in_request=has("worker", "stalls_in_request"),
        )

    def interlude(self) -> None:
        """Others work while one stands still, for longer than its lease or not."""
        seconds = self.rng.choice((0, 2, 60, 400))
        self.pass_time(seconds)
        self.note(f"… stalls for {seconds} s")
        for _ in range(self.rng.randrange(2, 6)):
            self.others()
        self.note("… goes on")

    def wait(self, seconds: float) -> None:
        """The relay takes its time over an answer."""
        self.pass_time(seconds)
        can_stall = self.workers.runs and self.workers.depth < DEEPEST
        if can_stall and not self.is_calm and not self._is_among_others:
            self.workers.stall(self.workers.runs[-1])

    # ------------------------------------------------------------------ the rules

    def check(self) -> None:
        """Asks every rule, if anything was written since it was last asked."""
        changes = connection.connection.total_changes
        if changes == self._checked_changes:
            return
        self._checked_changes = changes
        with self.workers.unwatched():
            checks.check_rules(self.latest)
            checks.check_relay(self.double, self.digests)

    def bound(self) -> list[str]:
        with self.workers.unwatched():
            ids = Attempt.objects.exclude(relay_task_id=None).order_by("pk").values_list("relay_task_id", flat=True)
            return [str(task_id) for task_id in ids]

    # ------------------------------------------------------------------ what the rooms reach

    def answer(self, request: httpx.Request) -> httpx.Response:
        """The relay's end of httpx.MockTransport for submits and single reads."""
        with self.workers.request():
            if request.method == "POST":
                return self.double.submit(request, self._sender(request))
            return self.double.read(request.url.path.rsplit("/", 1)[-1])

    async def answer_async(self, request: httpx.Request) -> httpx.Response:
        """Many reads at once: nobody else's step fits in between."""
        self._is_among_others = True
        try:
            return self.double.read(request.url.path.rsplit("/", 1)[-1])
        finally:
            self._is_among_others = False

    def serve(self, path: str, headers: dict[str, str]) -> Answer:
        with self.workers.request():
            return self.double.file(path, headers)

    def _sender(self, request: httpx.Request) -> Sender:
        """Whose submit this is, by its callback's token: it must have been committed before the request left."""
        with self.workers.unwatched():
            token = request.content.decode().partition("/callbacks/")[2].partition("/")[0]
            attempt = Attempt.objects.filter(token_hash=hash_token(token)).select_related("hold", "job").first()
            if attempt is None or attempt.sending_at is None:
                raise Broken("a submit left before SENDING was committed")
            if not self.workers.runs[-1].has_stalled:
                self._check_may_send(attempt.job)
            return Sender(attempt.pk, attempt.job.prompt, attempt.hold.amount_micros)

    def _check_may_send(self, job: Job) -> None:
        role = job.project.role_of(job.user)
        if job.state != "sending" or job.project.is_archived or role is None or role == "viewer":
            raise Broken(f"I13: {job.prompt} was sent, though it may not be ({job.state}, {role})")

    def waiting(self) -> list[OrmQ]:
        """In plain SQL, as what is asked most often."""
        with self.workers.unwatched(), connection.cursor() as cursor:
            cursor.execute("SELECT id, payload FROM django_q_ormq ORDER BY id")
            return [OrmQ(id=number, payload=payload) for number, payload in cursor.fetchall()]

    def forget(self, row: OrmQ) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_q_ormq WHERE id = %s", [row.pk])

    def next_look(self) -> dt.datetime | None:
        """When somebody must look next."""
        with self.workers.unwatched(), connection.cursor() as cursor:
            cursor.execute(NEXT_LOOK)
            (at,) = cursor.fetchone()
            return dt.datetime.fromisoformat(at).replace(tzinfo=dt.UTC) if at else None


def seeded_urandom(count: int) -> bytes:
    """For os.urandom: the same ids in each playing of a seed."""
    return World.current.random_bytes(count)


REAL_URANDOM = os.urandom
