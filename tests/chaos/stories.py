"""The steps of a job's life in which a process can be killed: what lies ready before, and the step itself."""

from __future__ import annotations

import functools
import itertools
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.test import Client
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import OrmQ

from generations import tasks
from generations.accounts.models import User
from generations.composer.ask import VideoAsk
from generations.jobs import lifecycle, poller, sending
from generations.jobs.models import Job
from generations.projects.models import Membership, Project, Role
from tests.chaos.ground import Relay, in_child
from tests.chaos.points import Points

NOT_DRIVEN = {"generations.tasks.illustrate_media"}  # pictures have a story of their own
ENDS = {"succeeded", "failed", "cancelled", "unknown"}


@dataclass
class Trial:
    """One job on its way to a kill."""

    relay: Relay
    user: User
    project: Project
    number: int
    word: str = ""
    seed: int = 0
    key: str = field(default_factory=lambda: uuid4().hex)

    @property
    def prompt(self) -> str:
        return f"{self.word} trial {self.number} of a quiet harbour".strip()

    @property
    def job(self) -> Job:
        return Job.objects.get(key=self.key)

    @property
    def state(self) -> str:
        found = Job.objects.filter(key=self.key).first()
        return found.state if found else "none"

    def queue(self) -> None:
        same: dict[str, Any] = {"model": "seedance-2.0", "resolution": "480p", "ratio": "16:9"}
        ask = VideoAsk(prompt=self.prompt, seconds=4, audio=False, seed=self.seed, **same)
        lifecycle.queue_job(project=self.project, user=self.user, ask=ask, key=self.key, now=timezone.now())

    def press(self) -> None:
        """Generate, in a browser's words. Pressing again with the same key is the same job."""
        client = Client(headers={"host": "localhost"})
        client.force_login(self.user)
        fields = {"prompt": self.prompt, "model": "seedance-2.0", "resolution": "480p", "ratio": "16:9"}
        fields |= {"seconds": "4", "seed": str(self.seed), "key": self.key}
        assert client.post(f"/projects/{self.project.slug}/generate", fields).status_code == 302

    def submit(self) -> None:
        tasks.submit_job(str(self.job.pk))

    def look(self) -> None:
        tasks.poll_jobs([str(self.job.pk)])

    def fetch(self) -> None:
        tasks.fetch_job(str(self.job.pk))

    def illustrate(self) -> None:
        media = self.job.outputs.get().media
        assert media is not None
        tasks.illustrate_media(media.pk)

    def cancel(self) -> None:
        lifecycle.cancel_job(self.job, actor=self.user, now=timezone.now())

    def sweep(self) -> None:
        poller.sweep(timezone.now() + timedelta(seconds=50))

    def begin_sending(self) -> None:
        sending._commit_sending(self.job, timezone.now())

    def observe(self) -> None:
        tasks.observe_job(self.job.attempt.pk)

    def lose_wake_ups(self) -> None:
        OrmQ.objects.all().delete()

    def call_back(self) -> None:
        """What the relay posts when the task has ended."""
        told = self.relay.record(self.prompt)["tasks"][0]
        address = told["callback_url"].removeprefix("http://127.0.0.1:9")
        body = {"task_id": told["task_id"], "status": "succeeded"}
        answer = Client(headers={"host": "localhost"}).post(address, body, content_type="application/json")
        assert answer.status_code == 200

    def drive(self) -> None:
        """What pulse and workers do, with leases that run out at once, until the job has an end or an owner."""
        until = time.monotonic() + 60
        run_queue()
        for leases in itertools.count(1):
            poller.sweep(timezone.now() + timedelta(seconds=50 * min(leases, 10)))
            run_queue()
            if self.state in ENDS:
                return
            assert time.monotonic() < until, f"{self.prompt}: still {self.job.state}, {self.job.waiting_reason}"
            time.sleep(0.01)


def run_queue() -> None:
    for row in OrmQ.objects.order_by("id"):
        task = row.task
        row.delete()
        if task["func"] not in NOT_DRIVEN:
            import_string(task["func"])(*task["args"])


def make_people() -> tuple[User, Project]:
    user = User.objects.create_user("ann@example.com", "correct horse battery", name="Ann")
    project = Project.objects.create(name="Chaos", slug="chaos", created_by=user)
    Membership.objects.create(project=project, user=user, role=Role.MANAGER)
    return user, project


@dataclass(frozen=True)
class Story:
    """`before` lies ready, `act` is where the kill falls, `after` is what people or the relay do by themselves."""

    act: Callable[[Trial], None]
    before: tuple[Callable[[Trial], None], ...] = ()
    after: tuple[Callable[[Trial], None], ...] = ()
    word: str = ""


STORIES = {
    "press": Story(Trial.press, after=(Trial.press,)),
    "cancel": Story(Trial.cancel, before=(Trial.queue,)),
    "send": Story(Trial.submit, before=(Trial.queue,)),
    "send, refused": Story(Trial.submit, before=(Trial.queue,), word="[refuse]"),
    "send, told to wait": Story(Trial.submit, before=(Trial.queue,), word="[429]"),
    "look": Story(Trial.look, before=(Trial.queue, Trial.submit)),
    "look, failed": Story(Trial.look, before=(Trial.queue, Trial.submit), word="[fail]"),
    "fetch": Story(Trial.fetch, before=(Trial.queue, Trial.submit, Trial.look)),
    "pictures": Story(Trial.illustrate, before=(Trial.queue, Trial.submit, Trial.drive)),
    "callback": Story(Trial.call_back, before=(Trial.queue, Trial.submit)),
    "lost answer": Story(
        Trial.observe, before=(Trial.queue, Trial.submit, Trial.call_back, Trial.lose_wake_ups), word="[lost-answer]"
    ),
    "sweep": Story(Trial.sweep, before=(Trial.queue, Trial.submit)),
    "sweep, sending": Story(Trial.sweep, before=(Trial.queue, Trial.begin_sending)),
}


def make_ready(story: Story, trial: Trial) -> None:
    """Takes the steps before, each in a process of its own."""
    for step in story.before:
        assert in_child(functools.partial(step, trial)) == 0, step
        if step is Trial.submit:
            trial.relay.wait_until_done(trial.prompt)


def trace(story: Story, trial: Trial) -> list[str]:
    """The labels that this step passes, in their order."""
    read, write = os.pipe()

    def listen() -> None:
        points = Points()
        points.install()
        story.act(trial)
        os.write(write, "\n".join(points.passed).encode())

    make_ready(story, trial)
    assert in_child(listen) == 0
    os.close(write)
    with os.fdopen(read) as said:
        return said.read().splitlines()
