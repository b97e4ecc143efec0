"""Twelve hours without the relay, in virtual time: nothing fails, nothing is given back, all is settled soon after."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import httpx

from generations.accounts.models import User
from generations.jobs import invariants, poller
from generations.jobs.models import Job
from generations.ledger.models import Hold
from generations.projects.models import Project
from generations.relay.client import AsyncRelay
from tests import wakeups
from tests.builders import NOW, relay_says, running_job

JOBS = 500
OUTAGE, SETTLED_WITHIN = dt.timedelta(hours=12), dt.timedelta(minutes=30)


class Relay:
    """Away until `is_back`; then every task is done. Counts what it is asked."""

    is_back = False
    asked = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        if not self.is_back:
            raise httpx.ConnectError("refused")
        task_id = request.url.path.rpartition("/")[2]
        return relay_says({"task_id": task_id, "status": "succeeded", "url": "https://cdn.example/clip.mp4"})


def pass_time(reader: poller.Reader, begin: dt.datetime, end: dt.datetime, step: dt.timedelta) -> None:
    """Pulse and the polls' worker, tick by tick."""
    now = begin
    while now < end:
        poller.sweep(now)
        for wake_up in wakeups.take():
            if wake_up.task == "poll_jobs":
                poller.poll(wake_up.arguments[0], reader, lambda at=now: at)  # type: ignore[misc]
        now += step


def test_twelve_hours_of_outage_lose_nothing(project: Project, ben: User) -> None:
    for number in range(JOBS):
        running_job(project, ben, task_id=f"task_{number}")
    relay = Relay()
    reader = poller.Reader(AsyncRelay("https://relay.example/v1", "sbx-test", httpx.MockTransport(relay), pools=1))
    pass_time(reader, NOW, NOW + OUTAGE, dt.timedelta(minutes=1))
    assert Counter(Job.objects.values_list("state", flat=True)) == {"running": JOBS}
    assert Counter(Hold.objects.values_list("state", flat=True)) == {"open": JOBS}
    assert relay.asked < JOBS * 250
    relay.is_back = True
    pass_time(reader, NOW + OUTAGE, NOW + OUTAGE + SETTLED_WITHIN, dt.timedelta(seconds=30))
    assert Counter(Job.objects.values_list("state", flat=True)) == {"fetching": JOBS}
    assert Counter(Hold.objects.values_list("state", flat=True)) == {"charged": JOBS}
    assert invariants.violations(NOW + OUTAGE + SETTLED_WITHIN) == []
    reader.close()
