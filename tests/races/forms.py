"""The composer's form under pressure: pressed twenty times at once, and pressed while the database is locked."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.test import Client

from generations.jobs.models import Job
from generations.ledger.models import BudgetMonth, Hold
from generations.projects.models import Project
from tests import builders
from tests.races.ground import PRICE_MICROS, Ground, need, set_limit

PRESSES = 20
LOCKED_SECONDS = 5
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def press(ground: Ground, round_number: int) -> None:
    """The same form twenty times at once: one job, one hold, and every press is answered with the board.

    In every second round the project's budget has room for one only: the press that made it has used it up.
    """
    project, form = ground.project(), filled()
    if round_number % 2:
        set_limit(f"project:{project.pk}", PRICE_MICROS * 3 // 2, project=project)
    clients = [signed_in(ground) for _ in range(PRESSES)]
    answers = ground.at_once(*(lambda client=client: post(client, project, form) for client in clients))
    need([getattr(answer, "status_code", answer) for answer in answers] == [302] * PRESSES, answers)
    made = Job.objects.filter(project=project).count(), Hold.objects.filter(project=project).count()
    need(made == (1, 1), made)


def locked(ground: Ground, round_number: int) -> None:
    """A writer holds the database for five seconds: whoever is patient gets in, whoever is not gets the form back."""
    project, patient, hurried = ground.project(), filled(), filled()
    builders.job(project, ground.ben)
    client = signed_in(ground)
    with writer():
        answers = ground.at_once(
            lambda: timed(client, project, patient), lambda: timed(client, project, hurried, wait_seconds=1)
        )
    (first, first_seconds), (second, second_seconds) = answers
    need((first.status_code, first_seconds > LOCKED_SECONDS / 2) == (302, True), (first, first_seconds))
    need((second.status_code, second_seconds < LOCKED_SECONDS) == (503, True), (second, second_seconds))
    page = second.content.decode()
    kept = [hurried["prompt"] in page, hurried["key"] in page, "very busy" in page, "Traceback" not in page]
    need(all(kept), kept)
    need(post(client, project, hurried).status_code == 302, "the form sent again was refused")
    need(Job.objects.filter(project=project).count() == 3, "not three jobs")


def filled() -> dict[str, str]:
    fields = {"model": "seedance-2.0", "resolution": "480p", "ratio": "16:9", "seconds": "4", "seed": "7"}
    return fields | {"prompt": f"Dusk walk {uuid.uuid4().hex}", "key": uuid.uuid4().hex}


def signed_in(ground: Ground) -> Client:
    client = Client()
    client.force_login(ground.ben, backend=BACKEND)
    return client


def post(client: Client, project: Project, form: dict[str, str]) -> Any:
    return client.post(f"/projects/{project.slug}/generate", form)


def timed(client: Client, project: Project, form: dict[str, str], wait_seconds: int = 20) -> tuple[Any, float]:
    """The answer, and how long it took, when the database lets one wait for a lock so long."""
    began = time.monotonic()
    with waiting_at_most(wait_seconds):
        return post(client, project, form), time.monotonic() - began


@contextmanager
def waiting_at_most(seconds: int) -> Iterator[None]:
    """On this thread's connection, which the web server's own settings give 20 seconds."""
    _wait_at_most(seconds)
    yield
    _wait_at_most(20)


def _wait_at_most(seconds: int) -> None:
    words = "PRAGMA busy_timeout = {}000" if connection.vendor == "sqlite" else "SET lock_timeout = '{}s'"
    with connection.cursor() as cursor:
        cursor.execute(words.format(seconds))


@contextmanager
def writer() -> Iterator[None]:
    """Somebody writes to the studio's budget and takes long to commit."""
    has_begun = threading.Event()

    def hold() -> None:
        with transaction.atomic():
            BudgetMonth.objects.filter(budget__scope="studio").update(overrun_micros=0)
            has_begun.set()
            time.sleep(LOCKED_SECONDS)
        connection.close()

    holding = threading.Thread(target=hold)
    holding.start()
    has_begun.wait(30)
    yield
    holding.join()
