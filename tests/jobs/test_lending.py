"""A relay that takes no uploads reads files from us: at an address that is signed, ends, and lists nothing."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from generations.accounts.models import User
from generations.jobs import lending
from generations.jobs.lending import Loan
from generations.jobs.models import Job
from generations.projects.models import Project
from tests.builders import NOW, job, relay_says
from tests.jobs.test_showing import TASK, send, shown

NO_FILES = relay_says({"error": {"message": "Invalid URL (POST /v1/files)"}}, 404)


@pytest.fixture
def made(tmp_path: Path, settings: Settings, project: Project, ben: User) -> Job:
    settings.MEDIA_ROOT, settings.DATA_DIR = tmp_path / "media", tmp_path
    settings.PUBLIC_URL = "https://8.8.8.8"
    return job(project, ben, prompt="@image1 walks", given=(shown(tmp_path, project, ben, "image1"),))


def lent(url: str) -> int:
    answer: Any = Client().get(url.removeprefix("https://8.8.8.8"))
    if answer.streaming:
        list(answer.streaming_content)
    return int(answer.status_code)


def test_relay_without_files_is_lent_the_file_and_reads_it(made: Job) -> None:
    sent = send(made, NO_FILES, relay_says(TASK))
    assert sent.state == "running"
    body = sent.attempt.request_body or {}
    url = body["metadata"]["content"][0]["image_url"]["url"]
    assert url.startswith("https://8.8.8.8/lent/")
    Loan.objects.update(expires_at=timezone.now() + dt.timedelta(hours=2))
    answer: Any = Client().get(Loan.objects.get().url.removeprefix("https://8.8.8.8"))
    assert b"".join(answer.streaming_content)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    assert answer["Cache-Control"] == "private, no-store"
    assert Loan.objects.get().reads == 1


def test_expired_altered_and_superseded_addresses_are_nothing(made: Job) -> None:
    loan = lending.lend(made.attempt, made.inputs.get().media, timezone.now())
    first = loan.url
    assert lent(first) == 200
    assert [lent(first[:-1]), lent(first.replace("/lent/", "/lent/x")), lent(first[:-10] + "0.png")] == [404, 404, 404]
    assert lent("https://8.8.8.8/lent/") == 404
    again = lending.lend(made.attempt, loan.media, timezone.now() + dt.timedelta(seconds=5))
    assert [lent(first), lent(again.url)] == [404, 200]
    Loan.objects.update(expires_at=timezone.now())
    assert lent(again.url) == 404


@pytest.mark.parametrize(
    "public_url", ["", "http://8.8.8.8", "https://127.0.0.1", "https://10.0.0.7", "https://x:8443"]
)
def test_address_that_is_not_public_is_never_lent(made: Job, settings: Settings, public_url: str) -> None:
    settings.PUBLIC_URL = public_url
    assert send(made, NO_FILES).state == "failed"
    assert not Loan.objects.exists()


def test_loan_about_to_end_is_made_anew(made: Job) -> None:
    lending.lend(made.attempt, made.inputs.get().media, NOW - lending.LASTS)
    assert not lending.current(made.attempt, NOW).exists()
    assert send(made, NO_FILES, relay_says(TASK)).state == "running"
    assert Loan.objects.get().expires_at == NOW + lending.LASTS
