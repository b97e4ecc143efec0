"""Sending: SENDING is committed before the post, and every answer leads where it should, once."""

import contextlib
import datetime as dt
import hashlib
import itertools
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from django.db import OperationalError, connection
from pytest_django import Settings

from generations.accounts.models import User
from generations.jobs import breaker, lifecycle, sending
from generations.jobs.models import Attempt, Breaker, Job
from generations.jobs.states import Overtaken, State
from generations.projects.models import Project
from generations.relay.client import Relay
from tests.builders import NOW, answering, job, relay_says, running_job

PROXY_PAGE = httpx.Response(504, text="<html>504 Gateway Time-out</html>")
ERROR = {"error": {"message": "no", "type": "", "code": "x"}}


def send(made: Job, *answers: httpx.Response | Exception, now: dt.datetime = NOW) -> Job:
    sending.send(Job.objects.get(pk=made.pk), answering(*answers), lambda: now)
    return Job.objects.select_related("model", "sku").get(pk=made.pk)


def test_sending_is_committed_before_the_post(project: Project, ben: User, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://studio.example"
    made = job(project, ben)
    seen: dict[str, Any] = {}

    def answer(request: httpx.Request) -> httpx.Response:
        seen["body"], seen["job"] = request.read(), Job.objects.get(pk=made.pk)
        return relay_says({"task_id": "task_1", "status": "submitted"})

    sending.send(made, Relay("https://relay.example/v1", "sbx-test", httpx.MockTransport(answer)), lambda: NOW)
    token = str(seen["body"]).split("/callbacks/")[1].split("/")[0]
    assert seen["job"].state == "sending"
    assert Attempt.objects.get().token_hash == hashlib.sha256(token.encode()).hexdigest()


def test_accepted_job_runs_with_its_task(project: Project, ben: User) -> None:
    made = send(job(project, ben), relay_says({"id": "task_7", "status": "queued"}))
    assert (made.state, made.attempt.relay_task_id, made.attempt.hold.state) == ("running", "task_7", "open")


def test_what_was_sent_is_kept_without_the_callback(project: Project, ben: User, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://studio.example"
    made = send(job(project, ben), relay_says({"task_id": "task_1", "status": "submitted"}))
    body = made.attempt.request_body
    assert body == {
        "model": "doubao-seedance-2-0-480p",
        "prompt": "Dusk walk over the harbour",
        "seconds": "4",
        "metadata": {
            "ratio": "16:9",
            "resolution": "480p",
            "generate_audio": False,
            "seed": 7,
            "callback_url": sending.CALLBACK_HIDDEN,
        },
    }


def test_without_public_url_no_callback_is_asked_for(project: Project, ben: User) -> None:
    assert sending.build_request(job(project, ben), "token").callback_url is None


@pytest.mark.parametrize(
    ("answer", "state", "hold"),
    [
        (relay_says(ERROR, 400), "failed", "released"),
        (relay_says(ERROR, 404), "failed", "released"),
        (relay_says(ERROR, 500), "queued", "open"),
        (relay_says(ERROR, 503), "queued", "open"),
        (relay_says(ERROR, 429), "queued", "open"),
        (relay_says(ERROR, 401), "queued", "open"),
        (httpx.ConnectError("refused"), "queued", "open"),
        (httpx.ConnectTimeout("slow"), "queued", "open"),
        (httpx.ReadTimeout("lost"), "unknown", "open"),
        (httpx.ReadError("reset"), "unknown", "open"),
        (PROXY_PAGE, "unknown", "open"),
        (httpx.Response(200, text="<html>"), "unknown", "open"),
        (relay_says({"status": "submitted"}), "unknown", "open"),
    ],
)
def test_answer_decides_state_and_hold(
    project: Project, ben: User, answer: httpx.Response | Exception, state: str, hold: str
) -> None:
    made = send(job(project, ben), answer)
    assert (made.state, made.attempt.hold.state) == (state, hold)


def test_unknown_job_is_never_sent_again_by_itself(project: Project, ben: User) -> None:
    made = send(job(project, ben), httpx.ReadTimeout("lost"))
    assert made.next_action_at is None
    with pytest.raises(Overtaken):
        send(made)


def test_refusal_is_told_in_the_relays_words(project: Project, ben: User) -> None:
    refusal = {"error": {"message": "<b>no such ratio</b>", "type": "", "code": "invalid_parameter"}}
    made = send(job(project, ben), relay_says(refusal, 400))
    assert (made.failure_code, made.failure_message) == ("invalid_parameter", "<b>no such ratio</b>")


def test_not_accepted_is_tried_four_times(project: Project, ben: User) -> None:
    made = job(project, ben)
    states = [send(made, relay_says(ERROR, 503)).state for _ in range(4)]
    assert states == ["queued", "queued", "queued", "failed"]


def test_slow_down_holds_back_every_job_until_then(project: Project, ben: User) -> None:
    send(job(project, ben), relay_says(ERROR, 429, **{"Retry-After": "40"}))
    other = send(job(project, ben))
    assert other.state == "queued"
    assert other.next_action_at is not None
    assert other.next_action_at >= NOW + dt.timedelta(seconds=40)


@pytest.mark.parametrize("status", [401, 403])
def test_refused_key_or_balance_stops_all_sending(project: Project, ben: User, status: int) -> None:
    said = {"error": {"message": "user quota is not enough", "type": "", "code": "insufficient_user_quota"}}
    send(job(project, ben), relay_says(said, status))
    other = send(job(project, ben))
    assert (other.state, "user quota is not enough" in other.waiting_reason) == ("queued", True)


def test_open_breaker_lets_one_probe_out_and_closes(project: Project, ben: User) -> None:
    send(job(project, ben), relay_says(ERROR, 401))
    later = NOW + breaker.PROBE_EVERY
    accepted = relay_says({"task_id": "task_2", "status": "submitted"})
    assert send(job(project, ben), accepted, now=later).state == "running"
    assert Breaker.objects.get().opened_at is None


def test_open_breaker_lets_out_only_one_probe(project: Project, ben: User) -> None:
    breaker.open_for(True, "the key was refused", NOW)
    later = NOW + breaker.PROBE_EVERY
    assert [breaker.blocked_until(True, later) is None for _ in range(3)] == [True, False, False]


def test_five_failures_in_a_row_open_the_breaker(project: Project, ben: User) -> None:
    for _ in range(5):
        send(job(project, ben), httpx.ConnectError("refused"))
    assert Breaker.objects.get().opened_at == NOW


def test_two_workers_post_once(project: Project, ben: User) -> None:
    made = job(project, ben)
    stale = Job.objects.select_related("project", "user", "model", "sku").get(pk=made.pk)
    send(made, relay_says({"task_id": "task_1", "status": "submitted"}))
    with pytest.raises(Overtaken):
        sending.send(stale, answering(), lambda: NOW)


def test_task_of_another_job_is_not_taken(project: Project, ben: User) -> None:
    running_job(project, ben, task_id="task_1")
    made = send(job(project, ben), relay_says({"task_id": "task_1", "status": "submitted"}))
    assert (made.state, made.attempt.relay_task_id) == ("unknown", None)


def test_worker_gone_while_sending_leaves_it_unknown(project: Project, ben: User) -> None:
    made = job(project, ben)
    made.advance(State.SENDING, now=NOW)
    sending.give_up_sending(made, NOW)
    assert (made.state, made.attempt.hold.state) == ("unknown", "open")


def test_late_answer_still_binds_its_task(project: Project, ben: User) -> None:
    made = job(project, ben)

    def answer(request: httpx.Request) -> httpx.Response:
        sending.give_up_sending(Job.objects.get(pk=made.pk), NOW)
        return relay_says({"task_id": "task_1", "status": "submitted"})

    sending.send(made, Relay("https://relay.example/v1", "sbx-test", httpx.MockTransport(answer)), lambda: NOW)
    made.refresh_from_db()
    assert (made.state, made.attempt.relay_task_id) == ("running", "task_1")


def test_sandbox_job_is_never_sent_to_a_real_relay(project: Project, ben: User, settings: Settings) -> None:
    made = job(project, ben)
    settings.IS_SANDBOX = False
    assert send(made).state == "cancelled"


@pytest.mark.parametrize(
    ("changes", "sent"),
    [
        ({"model": "seedance-1.5-pro", "audio": True}, ("seedance-1-5-pro-with-audio", None)),
        ({"model": "seedance-1.5-pro", "audio": False}, ("seedance-1-5-pro-no-audio", None)),
        ({"model": "happyhorse-1.0", "resolution": "720p", "audio": True}, ("happyhorse-1.0-t2v", None)),
        ({"model": "seedance-2.0", "audio": True}, ("doubao-seedance-2-0-480p", True)),
    ],
)
def test_sound_goes_where_the_model_takes_it(
    project: Project, ben: User, changes: dict[str, Any], sent: tuple[str, bool | None]
) -> None:
    request = sending.build_request(job(project, ben, **changes), "token")
    assert (request.model, request.generate_audio) == sent


def test_job_of_another_relay_is_never_sent(project: Project, ben: User) -> None:
    made = job(project, ben)
    Job.objects.update(is_sandbox=False)
    assert (send(made).state, send_note()) == (
        "cancelled",
        "It was asked for at another relay than the studio's present one.",
    )


def test_archived_project_sends_nothing_more(project: Project, ben: User) -> None:
    made = job(project, ben)
    Project.objects.update(archived_at=NOW)
    assert (send(made).state, send_note()) == ("cancelled", "The project was archived before it was sent.")


def send_note() -> str:
    return Job.objects.get().events.latest("id").text


def accepted(project: Project, ben: User, meanwhile: Callable[[Job], None]) -> Job:
    """A job that the relay accepts as task_1, while this happens."""
    made = job(project, ben)

    def answer(request: httpx.Request) -> httpx.Response:
        meanwhile(Job.objects.get(pk=made.pk))
        return relay_says({"task_id": "task_1", "status": "submitted"})

    sending.send(made, Relay("https://relay.example/v1", "sbx-test", httpx.MockTransport(answer)), lambda: NOW)
    return Job.objects.get(pk=made.pk)


def test_answer_after_its_own_callback_changes_nothing(project: Project, ben: User) -> None:
    made = accepted(project, ben, lambda job: bound(job, "task_1"))
    assert (made.state, made.attempt.relay_task_id, made.events.filter(name="anomaly").count()) == (
        "running",
        "task_1",
        0,
    )


def test_answer_with_another_task_than_the_callbacks_is_written_down(project: Project, ben: User) -> None:
    made = accepted(project, ben, lambda job: bound(job, "task_2"))
    assert (made.state, made.attempt.relay_task_id, made.events.filter(name="anomaly").count()) == (
        "running",
        "task_2",
        1,
    )


def test_late_answer_of_a_job_that_was_given_up_is_bound(project: Project, ben: User) -> None:
    made = accepted(project, ben, lambda job: sending.give_up_sending(job, NOW))
    assert (made.state, made.attempt.relay_task_id) == ("running", "task_1")


def bound(made: Job, task_id: str) -> None:
    assert sending.bind(made, made.attempt, task_id, NOW)


def test_attempt_with_a_task_is_given_no_other(project: Project, ben: User) -> None:
    made = job(project, ben)
    made.advance(State.SENDING, now=NOW)
    Attempt.objects.update(relay_task_id="task_1")
    with pytest.raises(Overtaken):
        sending.bind(made, made.attempt, "task_2", NOW)
    assert (Job.objects.get().state, Attempt.objects.get().relay_task_id) == ("sending", "task_1")


@pytest.mark.parametrize(("locked_for", "ends"), [(2, "running"), (99, "sending")])
def test_task_is_written_down_once_the_database_lets_us(
    project: Project, ben: User, monkeypatch: pytest.MonkeyPatch, locked_for: int, ends: str
) -> None:
    """Only there its id is known: it is tried again for a quarter of a minute, then the log has it."""
    made, tries = job(project, ben), itertools.count()
    monkeypatch.setattr("time.sleep", lambda seconds: None)

    def locked(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql.startswith('UPDATE "generations_attempt"') and "relay_task_id" in sql and next(tries) < locked_for:
            raise OperationalError("database is locked")
        return execute(sql, *rest)

    with connection.execute_wrapper(locked), contextlib.suppress(OperationalError):
        send(made, relay_says({"task_id": "task_1", "status": "submitted"}))
    assert Job.objects.get().state == ends


def test_file_that_can_not_be_read_is_tried_four_times(
    project: Project, ben: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise FileNotFoundError

    monkeypatch.setattr("generations.jobs.showing.bring", gone)
    made = job(project, ben)
    states = [send(made).state for _ in range(4)]
    assert (states, Job.objects.get().failure_code) == (["queued"] * 3 + ["failed"], "input_lost")


def test_only_what_is_being_sent_is_given_up(project: Project, ben: User) -> None:
    with pytest.raises(Overtaken):
        sending.give_up_sending(job(project, ben), NOW)


def test_cancel_while_it_is_refused_for_now_ends_it_before_the_next_try(project: Project, ben: User) -> None:
    made = job(project, ben)

    def slow_down(request: httpx.Request) -> httpx.Response:
        lifecycle.cancel_job(Job.objects.get(pk=made.pk), actor=ben, now=NOW)
        return relay_says(ERROR, 429)

    sending.send(made, Relay("https://relay.example/v1", "sbx-test", httpx.MockTransport(slow_down)), lambda: NOW)
    assert (made.state, send(made).state, send_note()) == ("queued", "cancelled", "Cancelled before it was sent.")
