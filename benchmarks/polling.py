"""10,000 jobs in flight and one worker: polls per second against the bare HTTP client's, queries a poll, lag, memory.

Run: python -m benchmarks.polling [JOBS [SECONDS]]     (10,000 jobs and 60 s: about three minutes)

The relay answers from another process after 50 ms, and each task's percentage moves every 20 s. The ceiling is httpx
with the same 20 pools of 5 connections, made before the clock starts, which reads the same addresses and parses the
JSON. Both read the same 2,000 tasks, by turns, in one process: the ratio of the processor's time says which part of
it is polling's own even where the machine has other work, the ratio of the seconds what a worker gets done.
"""
# ruff: noqa: E402

import asyncio
import atexit
import datetime as dt
import io
import itertools
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import batched
from typing import Any

os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="relayweb-benchmark-")
atexit.register(shutil.rmtree, os.environ["DATA_DIR"])
os.environ["DJANGO_SETTINGS_MODULE"] = "relayweb.settings"

import django

django.setup()

import httpx
import psutil
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ

from generations.accounts.models import User
from generations.jobs import poller
from generations.jobs.models import Attempt, Job
from generations.ledger.models import Hold
from generations.projects.models import Membership, Project
from generations.relay.client import AsyncRelay
from tests.builders import ask
from tests.services.servers import free_port

ROUNDS, COMPARED = 3, 2_000
PROGRESS_EVERY_SECONDS, LATENCY_SECONDS = 20.0, 0.05


def main(jobs: int, seconds: float) -> None:
    port = free_port()
    words = [sys.executable, "-m", "benchmarks.polling_relay", str(port), f"{PROGRESS_EVERY_SECONDS}"]
    relay = subprocess.Popen([*words, f"{LATENCY_SECONDS}"])
    try:
        url = f"http://127.0.0.1:{port}/v1"
        job_ids = make_jobs(jobs)
        reader = poller.Reader(AsyncRelay(url, "sbx-benchmark"))
        compare(url, job_ids[:COMPARED], reader)
        keep_pace(reader, seconds)
    finally:
        relay.kill()


def make_jobs(count: int) -> list[str]:
    """Rows as jobs leave them that the relay has had for up to ten minutes; not through the money, which takes long."""
    call_command("migrate", verbosity=0)
    call_command("import_catalog", stdout=io.StringIO())
    user = User.objects.create_user("ben@example.com", "correct horse battery")
    project = Project.objects.create(name="Dusk", slug="dusk", created_by=user)
    Membership.objects.create(project=project, user=user, role="manager")
    one = poller_job(project, user)
    now = timezone.now()
    jobs = [
        Job(**one, key=str(n), running_at=now - dt.timedelta(seconds=n % 600), next_action_at=soon(now, n))
        for n in range(count)
    ]
    Job.objects.bulk_create(jobs, batch_size=500)
    fields: dict[str, Any] = {"project": project, "user": user, "currency": "SBX", "placed_at": now}
    holds = Hold.objects.bulk_create(
        [Hold(month=now.date().replace(day=1), amount_micros=1, **fields) for _ in jobs], batch_size=500
    )
    Attempt.objects.bulk_create(
        [
            Attempt(job=job, number=1, hold=hold, approved_by=user, relay_task_id=f"task_{job.pk.hex}")
            for job, hold in zip(jobs, holds, strict=True)
        ],
        batch_size=500,
    )
    return [str(job.pk) for job in jobs]


def soon(now: dt.datetime, number: int) -> dt.datetime:
    return now + dt.timedelta(seconds=number % 30)


def poller_job(project: Project, user: User) -> dict[str, Any]:
    from generations.catalog.models import VideoModel
    from generations.jobs.estimate import quote

    asked = ask()
    model = VideoModel.objects.get(name=asked.model)
    quoted = quote(asked, model)
    return {
        "project": project,
        "user": user,
        "model": model,
        "sku": quoted.sku,
        "price": quoted.price,
        "prompt": asked.prompt,
        "resolution": "480p",
        "ratio": "16:9",
        "seconds": 4,
        "audio": False,
        "request_hash": "benchmark",
        "is_sandbox": True,
        "state": "running",
        "created_at": timezone.now(),
        "estimate_micros": quoted.amount_micros,
    }


# ----------------------------------------------------------------- as fast as it goes


def compare(url: str, job_ids: list[str], reader: poller.Reader) -> None:
    attempts = Attempt.objects.filter(job_id__in=job_ids).values_list("relay_task_id", flat=True)
    task_ids, bare = [str(task_id) for task_id in attempts], Bare(url)
    poll_all(job_ids, reader)  # each job's first look keeps its exchange
    bare.read_all(task_ids)
    ceilings, ours, seen = [], [], {"poll": 0}
    for _ in range(ROUNDS):
        ceilings.append(timed(lambda: bare.read_all(task_ids)))
        with counted(seen, "poll"):
            ours.append(timed(lambda: poll_all(job_ids, reader)))
    bare.close()
    seconds, cpu = (
        statistics.median(low[n] / mine[n] for low, mine in zip(ceilings, ours, strict=True)) for n in (0, 1)
    )
    print(f"bare httpx          {len(job_ids) / statistics.median(c[0] for c in ceilings):7.0f} reads/s", flush=True)
    print(f"poller              {len(job_ids) / statistics.median(o[0] for o in ours):7.0f} polls/s", flush=True)
    print(f"ratio               {seconds:7.2f} by the clock, {cpu:.2f} by the processor's time", flush=True)
    print(f"database queries    {seen['poll'] / len(job_ids) / ROUNDS:7.3f} a poll", flush=True)


def poll_all(job_ids: list[str], reader: poller.Reader) -> None:
    for batch in batched(job_ids, poller.BATCH):
        poller.poll(batch, reader, timezone.now)


class Bare:
    """Reads as AsyncRelay does, with nothing around it."""

    def __init__(self, url: str) -> None:
        self.url, self.loop = url, asyncio.new_event_loop()
        limits = httpx.Limits(max_connections=5, max_keepalive_connections=5)
        self.clients = [httpx.AsyncClient(limits=limits, trust_env=False) for _ in range(20)]
        self.turns = itertools.cycle(self.clients)

    def read_all(self, task_ids: list[str]) -> None:
        for batch in batched(task_ids, poller.BATCH):
            self.loop.run_until_complete(self._gather(batch))

    def close(self) -> None:
        for client in self.clients:
            self.loop.run_until_complete(client.aclose())
        self.loop.close()

    async def _gather(self, task_ids: Iterable[str]) -> None:
        await asyncio.gather(*map(self._read, task_ids))

    async def _read(self, task_id: str) -> None:
        answer = await next(self.turns).get(f"{self.url}/video/generations/{task_id}")
        assert json.loads(answer.content)["data"]["task_id"] == task_id


# ----------------------------------------------------------------- as pulse paces it


def keep_pace(reader: poller.Reader, seconds: float) -> None:
    """Sweep and polls by turns in this one process, for so long: how late each look was, and what it cost."""
    now = timezone.now()
    for number, job in enumerate(jobs := list(Job.objects.only("pk").order_by("pk"))):
        job.next_action_at = soon(now, number)
    Job.objects.bulk_update(jobs, ["next_action_at"], batch_size=500)
    process, ends_at, lags, polls = psutil.Process(), time.monotonic() + seconds, list[float](), 0
    began_cpu, began = sum(process.cpu_times()[:2]), time.monotonic()
    seen = dict.fromkeys(("sweep", "queue", "poll"), 0)
    while time.monotonic() < ends_at:
        tick = time.monotonic()
        due = dict(Job.objects.due(timezone.now()).values_list("pk", "next_action_at"))
        with counted(seen, "sweep"):
            poller.sweep(timezone.now())
        polls += run_queue(reader, due, lags, seen)
        time.sleep(max(0, 0.5 - (time.monotonic() - tick)))
    spent = time.monotonic() - began
    cpu = (sum(process.cpu_times()[:2]) - began_cpu) / spent
    lags.sort()
    print(f"at its own pace     {polls / spent:7.0f} polls/s of {len(jobs)} jobs, {cpu:.0%} of a core", flush=True)
    print(
        f"a look is late      {lags[len(lags) // 2]:7.2f} s in the middle, p95 {lags[int(len(lags) * 0.95)]:.2f} s",
        flush=True,
    )
    each = ", ".join(f"{count / max(1, polls):.4f} by the {part}" for part, count in seen.items())
    print(f"queries, all told   {sum(seen.values()) / max(1, polls):7.3f} a poll: {each}", flush=True)
    print(f"memory              {process.memory_info().rss / 1e6:7.0f} MB", flush=True)


def run_queue(reader: poller.Reader, due: dict[Any, Any], lags: list[float], seen: dict[str, int]) -> int:
    polls = 0
    with counted(seen, "queue"):
        rows = list(OrmQ.objects.order_by("id"))
    for row in rows:
        (job_ids,) = row.task["args"]
        with counted(seen, "queue"):
            row.delete()
        with counted(seen, "poll"):
            poller.poll(job_ids, reader, timezone.now)
        now, told = timezone.now(), set(job_ids)
        lags += [(now - at).total_seconds() for pk, at in due.items() if str(pk) in told]
        polls += len(job_ids)
    return polls


# ----------------------------------------------------------------- measuring


def timed(work: Callable[[], None]) -> tuple[float, float]:
    """Seconds by the clock, and of the processor."""
    began, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - began, time.process_time() - cpu


@contextmanager
def counted(seen: dict[str, int], part: str) -> Iterator[None]:
    """Adds the statements that the database is sent in this block to that part's."""

    def count(execute: Any, *rest: Any) -> Any:
        seen[part] += 1
        return execute(*rest)

    with connection.execute_wrapper(count):
        yield


if __name__ == "__main__":
    numbers = [float(word) for word in sys.argv[1:]]
    main(int(numbers[0]) if numbers else 10_000, numbers[1] if len(numbers) > 1 else 60)
