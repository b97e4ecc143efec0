"""The relay's callback: wakes an observation, whatever it says; strangers, forgers and floods get nothing."""

import datetime as dt
import json
import random
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from generations.accounts.models import User
from generations.callbacks import _claimed_task
from generations.jobs import calls, poller
from generations.jobs.models import Attempt, Exchange, Job
from generations.jobs.sending import hash_token
from generations.jobs.states import State
from generations.ledger import holds
from generations.projects.models import Project
from generations.relay.reading import TASK_ID
from tests import wakeups
from tests.builders import NOW, answering, job, relay_says, running_job

FORGED = {"task_id": "task_evil", "status": "succeeded", "url": "https://evil.example/x.mp4", "quota": 10**9}


@pytest.fixture
def attempt(priced_project: Project, ben: User) -> Attempt:
    """SENDING, its answer not here yet; the callback's token is `secret`."""
    made = job(priced_project, ben)
    made.advance(State.SENDING, now=NOW)
    Attempt.objects.update(token_hash=hash_token("secret"), sending_at=NOW)
    wakeups.forget()
    return Attempt.objects.get()


def call(client: Client, token: str, body: Any) -> int:
    return client.post(f"/callbacks/{token}/", body, content_type="application/json").status_code


def test_callback_wakes_one_observation(client: Client, attempt: Attempt) -> None:
    assert call(client, "secret", {"task_id": "task_1", "status": "succeeded"}) == 200
    assert wakeups.waiting() == [wakeups.WakeUp("observe_job", (attempt.pk,))]


def test_forged_body_moves_nothing(client: Client, attempt: Attempt) -> None:
    assert call(client, "secret", FORGED) == 200
    made = Job.objects.get()
    assert (made.state, made.cost_micros, Attempt.objects.get().relay_task_id) == ("sending", None, None)


def test_task_id_is_kept_as_a_hint_only_while_none_is_known(client: Client, attempt: Attempt) -> None:
    call(client, "secret", {"task_id": "task_1", "status": "queued"})
    Attempt.objects.update(relay_task_id="task_1")
    call(client, "secret", FORGED)
    assert Attempt.objects.get().hints == ["task_1"]


@pytest.mark.parametrize("token", ["wrong", "0" * 64, "secret ", "%00"])
def test_unknown_token_is_not_found(client: Client, attempt: Attempt, token: str) -> None:
    assert call(client, token, FORGED) == 404
    assert len(wakeups.waiting()) == 0


@pytest.mark.parametrize("body", [b"", b"not json", b"[" * 60_000, b"null", b'{"task_id": 7}', b"\xff\xfe", b'"x"'])
def test_any_body_is_taken_without_harm(client: Client, attempt: Attempt, body: bytes) -> None:
    assert call(client, "secret", body) == 200
    assert Attempt.objects.get().hints == []


def test_large_body_is_refused(client: Client, attempt: Attempt) -> None:
    assert call(client, "secret", b"x" * 65_537) == 413
    assert (len(wakeups.waiting()), Exchange.objects.count()) == (0, 0)


def test_body_of_a_stranger_is_not_even_read(client: Client, attempt: Attempt) -> None:
    assert call(client, "wrong", b"x" * 65_537) == 404


def test_settled_attempt_needs_no_look(client: Client, attempt: Attempt) -> None:
    Attempt.objects.update(relay_task_id="task_1")
    holds.release(attempt.hold, NOW)
    assert call(client, "secret", FORGED) == 200
    assert (len(wakeups.waiting()), Exchange.objects.count()) == (0, 0)


def test_get_is_not_allowed(client: Client, attempt: Attempt) -> None:
    assert client.get("/callbacks/secret/").status_code == 405


def test_flood_wakes_once_a_second_and_writes_no_more(client: Client, attempt: Attempt) -> None:
    body = {"task_id": "task_1", "status": "succeeded"}
    with time_machine.travel(NOW, tick=False) as clock:
        call(client, "secret", body)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            for _ in range(50):
                call(client, "secret", body)
        assert (len(wakeups.waiting()), len(asked)) == (1, 50)
        clock.shift(dt.timedelta(seconds=1))
        call(client, "secret", body)
    assert (len(wakeups.waiting()), Exchange.objects.count()) == (2, 2)


@pytest.mark.parametrize(("callbacks", "seconds"), [(0, 1), (1, 1), (2, 2), (5, 16), (7, 60), (20, 60)])
def test_attempt_rests_longer_after_each_callback(callbacks: int, seconds: int) -> None:
    assert calls.rest(callbacks) == dt.timedelta(seconds=seconds)


def test_minute_of_flood_costs_few_looks(client: Client, attempt: Attempt) -> None:
    for second in range(60):
        with time_machine.travel(NOW + dt.timedelta(seconds=second), tick=False):
            call(client, "secret", FORGED)
    assert (len(wakeups.waiting()), Exchange.objects.count()) == (6, 6)


def test_another_task_id_is_looked_at_however_soon_it_comes(client: Client, attempt: Attempt) -> None:
    with time_machine.travel(NOW, tick=False):
        for number in range(9):
            call(client, "secret", FORGED | {"task_id": f"task_{number}"})
    assert (Attempt.objects.get().hints, len(wakeups.waiting())) == ([f"task_{number}" for number in range(4)], 4)


def test_twenty_callbacks_of_an_attempt_are_kept(client: Client, attempt: Attempt) -> None:
    for minute in range(30):
        with time_machine.travel(NOW + dt.timedelta(minutes=2 * minute), tick=False):
            call(client, "secret", FORGED)
    assert Exchange.objects.count() == calls.MOST_KEPT == 20
    assert "secret" not in Exchange.objects.first().path  # type: ignore[union-attr]


def test_news_too_soon_after_news_is_looked_at_in_a_second(client: Client, priced_project: Project, ben: User) -> None:
    made = running_job(priced_project, ben)
    Attempt.objects.update(token_hash=hash_token("secret"))
    Job.objects.update(next_action_at=NOW + dt.timedelta(seconds=30))
    with time_machine.travel(NOW, tick=False):
        for _ in range(2):
            call(client, "secret", {"task_id": "task_1", "status": "succeeded"})
    made.refresh_from_db()
    assert made.next_action_at == NOW + dt.timedelta(seconds=1)


def test_forged_hint_before_the_true_one_costs_nothing(client: Client, attempt: Attempt) -> None:
    """Another's task is refused by what the relay echoes; the true one is bound all the same."""
    for task_id in ("task_evil", "task_1"):
        call(client, "secret", FORGED | {"task_id": task_id})
    other = relay_says({"task_id": "task_evil", "status": "succeeded", "model": "minimax-h3-2k"})
    true = relay_says({"task_id": "task_1", "status": "running", "model": "doubao-seedance-2-0-480p"})
    poller.observe_attempt(Attempt.objects.get(), answering(other, true), lambda: NOW)
    made = Job.objects.get()
    assert (made.state, made.attempt.relay_task_id) == ("running", "task_1")
    assert made.events.filter(name="anomaly").count() == 1


def test_callback_after_it_was_settled_as_never_made_is_told(client: Client, attempt: Attempt) -> None:
    attempt.job.advance(State.FAILED, now=NOW)
    holds.release(attempt.hold, NOW)
    call(client, "secret", {"task_id": "task_1", "status": "running"})
    relay = answering(relay_says({"task_id": "task_1", "status": "running"}))
    poller.observe_attempt(Attempt.objects.get(), relay, lambda: NOW)
    assert Job.objects.get().events.get(name="anomaly").text.startswith("The relay has task_1")


def test_hint_whose_wake_up_was_lost_is_looked_at_by_the_sweep(client: Client, attempt: Attempt) -> None:
    """The relay was told 200 and comes no more; the worker that was woken has died."""
    call(client, "secret", {"task_id": "task_1", "status": "succeeded"})
    wakeups.forget()
    poller.sweep(timezone.now() + dt.timedelta(seconds=46))
    assert wakeups.WakeUp("observe_job", (attempt.pk,)) in wakeups.waiting()


def test_five_thousand_odd_bodies_claim_nothing_that_is_no_task_id() -> None:
    dice = random.Random(7)
    words = [None, True, -1, 0.5, "", "task_1", "x" * 999, "\ud800", "a b", [], ["task_1"], {}, {"task_id": "task_1"}]
    for _ in range(5000):
        names = dice.sample(["task_id", "id", "status", "data", "code", "error", "url"], 3)
        body = json.dumps({name: dice.choice(words) for name in names}).encode()
        claimed = _claimed_task(body[: dice.choice([len(body), len(body) // 2])])
        assert claimed == "" or TASK_ID.fullmatch(claimed)


def test_two_callbacks_that_name_one_task_leave_one_hint(client: Client, attempt: Attempt) -> None:
    stale = Attempt.objects.select_related("job", "hold").get()
    call(client, "secret", {"task_id": "task_1", "status": "queued"})
    calls.take(stale, "task_1", b"{}", timezone.now())
    assert Attempt.objects.get().hints == ["task_1"]


def test_news_too_soon_after_a_wake_of_another_process_is_looked_at_in_a_second(
    client: Client, priced_project: Project, ben: User
) -> None:
    running_job(priced_project, ben)
    stale = Attempt.objects.select_related("job", "hold").get()
    now = timezone.now()
    Attempt.objects.update(woken_at=now)
    Job.objects.update(next_action_at=now + dt.timedelta(minutes=1))
    stale.job.next_action_at = now + dt.timedelta(minutes=1)
    calls.take(stale, "task_1", b"{}", now)
    assert Job.objects.get().next_action_at == now + calls.WAKES_EVERY
