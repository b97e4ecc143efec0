"""What the jobs' tests stand on: the catalogue, a relay with real clips, and a queue that is run by hand."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from generations import tasks
from generations.jobs import poller
from generations.jobs.models import Job
from generations.projects.models import Project
from generations.sandbox.listener import Listener
from generations.sandbox.server import Sandbox
from generations.sandbox.server import Settings as SandboxSettings
from tests import wakeups


@pytest.fixture
def project(priced_project: Project) -> Project:
    return priced_project


@pytest.fixture
def run_queue() -> Callable[[], int]:
    """Runs every wake-up that waits, as a worker would; how many there were."""

    def run() -> int:
        taken = wakeups.take()
        for wake_up in taken:
            wake_up.run()
        return len(taken)

    return run


@pytest.fixture
def relay(tmp_path: Path, settings: Settings) -> Iterator[Listener]:
    """A sandbox relay with sockets, which plays no waiting; the studio's own tasks talk to it."""
    settings.MEDIA_ROOT = tmp_path / "media"
    with Listener(Sandbox(SandboxSettings(data=tmp_path / "sandbox", wait_seconds=0))) as listener:
        settings.RELAY_URL = f"{listener.url}/v1"
        for made in (tasks.relay, tasks.reader):
            made.cache_clear()
        yield listener
        if tasks.reader.cache_info().currsize:
            tasks.reader().close()
    for made in (tasks.relay, tasks.reader):
        made.cache_clear()


@pytest.fixture
def drive(run_queue: Callable[[], int]) -> Callable[[Job, str], Job]:
    """Lets queue and sweep work until the job is in this state; fails after half a minute."""

    def drive_to(job: Job, state: str) -> Job:
        ends_at = time.monotonic() + 30
        while time.monotonic() < ends_at:
            run_queue()
            job = Job.objects.get(pk=job.pk)
            if job.state == state:
                return job
            if not poller.sweep(timezone.now()):
                time.sleep(0.05)
        raise AssertionError(f"still {job.state}: {job.waiting_reason or job.failure_message}")

    return drive_to
