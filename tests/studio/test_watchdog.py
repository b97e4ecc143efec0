"""What the watchdog holds for sick, and what it does not."""

import datetime as dt
import socket
import threading
import time

import pytest

from generations.health import status
from generations.health.models import Heartbeat
from generations.studio.children import Child, Part
from generations.studio.watchdog import Signs, Watchdog, ask, judge

NOW = 1_000_000.0


def child(*, beats: bool = False, answers: bool = False, started: float = 500) -> Child:
    made = Child(Part(name="workers", command=[], beats=beats, answers=answers), lambda line: None)
    made.started_at = NOW - started
    return made


@pytest.mark.parametrize(
    ("age", "started", "why"),
    [
        (44, 500, ""),
        (46, 500, "has shown no work for 45 s"),
        (46, 44, ""),
        (500, 46, "has shown no work for 45 s"),
    ],
)
def test_judge_wants_a_beat_each_three_quarters_of_a_minute_from_the_start_on(
    age: float, started: float, why: str
) -> None:
    signs = Signs({"workers": NOW - age}, 0)
    assert judge(child(beats=True, started=started), signs, NOW, 0) == why


@pytest.mark.parametrize(("age", "why"), [(29, ""), (31, "has not answered for 30 s")])
def test_judge_wants_web_to_answer(age: float, why: str) -> None:
    assert judge(child(answers=True), Signs({}, NOW - age), NOW, 0) == why


def test_judge_is_patient_after_the_machine_has_slept() -> None:
    assert judge(child(beats=True, answers=True), Signs({}, 0), NOW, NOW - 20) == ""


def test_judge_asks_nothing_of_a_part_without_signs() -> None:
    assert judge(child(), Signs({}, 0), NOW, 0) == ""


def test_ask_is_none_when_nothing_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert ask("127.0.0.1", port) is None


def test_ask_is_none_when_the_answer_is_no_http() -> None:
    def answer() -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(b"no such thing\r\n")

    with socket.create_server(("127.0.0.1", 0)) as server:
        beside = threading.Thread(target=answer)
        beside.start()
        assert ask("127.0.0.1", server.getsockname()[1]) is None
        beside.join()


@pytest.mark.django_db(transaction=True)
def test_watchdog_reads_the_beats_of_the_database() -> None:
    at = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
    Heartbeat.objects.create(name=status.row_name("workers"), at=at)
    Heartbeat.objects.create(name=status.row_name("polls"), at=None)
    Heartbeat.objects.create(name="files@another", at=at)
    watchdog = Watchdog("127.0.0.1", 1, lambda: None)
    watchdog._read_beats(time.time())
    assert watchdog.signs.beats["workers"] == at.timestamp()
    assert watchdog.signs.beats.keys() == {"workers", "watchdog"}


def test_watchdog_forgets_the_sick_that_was_started_anew() -> None:
    watchdog, old = Watchdog("127.0.0.1", 1, lambda: None), child(beats=True)
    watchdog._found = [(old, "has shown no work for 60 s", old.started_at)]
    old.started_at = NOW
    assert watchdog.sick() == []
