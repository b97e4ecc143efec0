"""Rows for tests, each with overrides; built through the rooms' own verbs where there is one."""

import datetime as dt
from typing import Any
from uuid import uuid4

import httpx

from generations.accounts.models import User
from generations.composer.ask import VideoAsk
from generations.jobs import lifecycle, sending
from generations.jobs.models import Job
from generations.projects.models import Membership, Project, Role
from generations.relay.client import Relay

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
PASSWORD = "correct horse battery"


def user(name: str, **fields: Any) -> User:
    return User.objects.create_user(f"{name}@example.com", PASSWORD, **({"name": name.title()} | fields))


def project(name: str, **people: User) -> Project:
    """project("Dusk", manager=ann, member=ben, viewer=vic)"""
    made = Project.objects.create(name=name, slug=name.lower(), created_by=next(iter(people.values())))
    for role, person in people.items():
        Membership.objects.create(project=made, user=person, role=Role(role))
    return made


def ask(**changes: Any) -> VideoAsk:
    """Four seconds of 480p: the cheapest clip that there is, 0.334 dollars."""
    usual: dict[str, Any] = {
        "prompt": "Dusk walk over the harbour",
        "model": "seedance-2.0",
        "resolution": "480p",
        "ratio": "16:9",
        "seconds": 4,
        "audio": False,
        "seed": 7,
    }
    return VideoAsk(**(usual | changes))


def job(project: Project, user: User, *, now: dt.datetime = NOW, key: str = "", **changes: Any) -> Job:
    """A queued job, made as the composer makes one; `changes` are the request's."""
    return lifecycle.queue_job(project=project, user=user, ask=ask(**changes), key=key or uuid4().hex, now=now)


def running_job(project: Project, user: User, *, task_id: str = "task_1", **changes: Any) -> Job:
    """A job that the relay has accepted as `task_id`."""
    made = job(project, user, **changes)
    sending.send(made, answering(relay_says({"task_id": task_id, "status": "submitted"})), lambda: NOW)
    return made


def relay_says(body: Any, status: int = 200, **headers: str) -> httpx.Response:
    return httpx.Response(status, json=body, headers=headers)


def answering(*answers: httpx.Response | Exception) -> Relay:
    """A relay that gives these answers in turn; asked more often, it fails the test."""
    waiting = list(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        reply = waiting.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply

    return Relay("https://relay.example/v1", "sbx-test", httpx.MockTransport(answer))
