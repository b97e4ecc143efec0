"""Rows for tests, each with overrides; built through the rooms' own verbs where there is one."""

import datetime as dt
from typing import Any
from uuid import uuid4

import httpx

from generations.accounts.models import User
from generations.composer.ask import VideoAsk
from generations.gallery import shelving
from generations.gallery.models import Item
from generations.jobs import lifecycle, sending
from generations.jobs.models import Job, Output
from generations.jobs.states import State
from generations.media.models import MediaFile
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


def clip(sha256: str = "", **changes: Any) -> MediaFile:
    """The row of a kept clip; there are no bytes of it."""
    sha256 = sha256 or uuid4().hex * 2
    usual = {
        "kind": MediaFile.Kind.VIDEO,
        "size_bytes": 1_000_000,
        "content_type": "video/mp4",
        "storage_name": f"media/{sha256[:2]}/{sha256}.mp4",
        "poster_name": f"media/{sha256[:2]}/{sha256}-poster.webp",
        "preview_name": f"media/{sha256[:2]}/{sha256}-preview.mp4",
        "strip_name": f"media/{sha256[:2]}/{sha256}-strip.webp",
        "width_px": 854,
        "height_px": 480,
        "duration_ms": 4000,
        "frames_per_second": 24.0,
        "video_codec": "h264",
    }
    return MediaFile.objects.create(sha256=sha256, **(usual | changes))


def ready_job(project: Project, user: User, *, media: MediaFile | None = None, **changes: Any) -> Job:
    """A job that succeeded, with one kept output."""
    made = job(project, user, **changes)
    output = Output.objects.create(job=made, media=media or clip(), created_at=made.created_at)
    for state in (State.SENDING, State.RUNNING, State.FETCHING, State.SUCCEEDED):
        made.advance(state, now=made.created_at)
    made.change(cost_micros=made.estimate_micros)
    assert output.media
    return made


def item(project: Project, user: User, *, title: str = "", media: MediaFile | None = None, **changes: Any) -> Item:
    """An item of the gallery; `changes` are the request's."""
    made = ready_job(project, user, media=media, **changes)
    found = shelving.shelve(Output.objects.filter(job=made).select_related("job", "media"))[0]
    if title:
        Item.objects.filter(pk=found.pk).update(title=title)
    return Item.objects.for_tile().get(pk=found.pk)
