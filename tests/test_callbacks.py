"""The relay's callback: wakes an observation, whatever it says; strangers, forgers and floods get nothing."""

from typing import Any

import pytest
from django.test import Client
from django_q.models import OrmQ

from generations.accounts.models import User
from generations.jobs.models import Attempt, Job
from generations.jobs.sending import hash_token
from generations.jobs.states import State
from generations.projects.models import Project
from tests.builders import NOW, job

FORGED = {"task_id": "task_evil", "status": "succeeded", "url": "https://evil.example/x.mp4", "quota": 10**9}


@pytest.fixture
def attempt(priced_project: Project, ben: User) -> Attempt:
    """SENDING, its answer not here yet; the callback's token is `secret`."""
    made = job(priced_project, ben)
    made.advance(State.SENDING, now=NOW)
    Attempt.objects.update(token_hash=hash_token("secret"))
    OrmQ.objects.all().delete()
    return Attempt.objects.get()


def call(client: Client, token: str, body: Any) -> int:
    return client.post(f"/callbacks/{token}/", body, content_type="application/json").status_code


def test_callback_wakes_one_observation(client: Client, attempt: Attempt) -> None:
    assert call(client, "secret", {"task_id": "task_1", "status": "succeeded"}) == 200
    task = OrmQ.objects.get().task
    assert (task["func"], task["args"]) == ("generations.tasks.observe_job", (attempt.pk,))


def test_forged_body_moves_nothing(client: Client, attempt: Attempt) -> None:
    assert call(client, "secret", FORGED) == 200
    made = Job.objects.get()
    assert (made.state, made.cost_micros, Attempt.objects.get().relay_task_id) == ("sending", None, None)


def test_task_id_is_kept_as_a_hint_only_while_none_is_known(client: Client, attempt: Attempt) -> None:
    call(client, "secret", {"task_id": "task_1", "status": "queued"})
    Attempt.objects.update(relay_task_id="task_1")
    call(client, "secret", FORGED)
    assert Attempt.objects.get().hinted_task_id == "task_1"


@pytest.mark.parametrize("token", ["wrong", "0" * 64, "secret ", "%00"])
def test_unknown_token_is_not_found(client: Client, attempt: Attempt, token: str) -> None:
    assert call(client, token, FORGED) == 404
    assert OrmQ.objects.count() == 0


@pytest.mark.parametrize("body", [b"", b"not json", b"[" * 60_000, b"null", b'{"task_id": 7}', b"\xff\xfe", b'"x"'])
def test_any_body_is_taken_without_harm(client: Client, attempt: Attempt, body: bytes) -> None:
    assert call(client, "secret", body) == 200
    assert Attempt.objects.get().hinted_task_id == ""


def test_large_body_is_refused(client: Client, attempt: Attempt) -> None:
    assert call(client, "secret", b"x" * 65_537) == 413
    assert OrmQ.objects.count() == 0


def test_final_job_needs_no_look(client: Client, attempt: Attempt) -> None:
    made = attempt.job
    made.advance(State.FAILED, now=NOW)
    assert call(client, "secret", FORGED) == 200
    assert OrmQ.objects.count() == 0


def test_get_is_not_allowed(client: Client, attempt: Attempt) -> None:
    assert client.get("/callbacks/secret/").status_code == 405
