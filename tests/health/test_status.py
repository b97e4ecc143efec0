"""Signs of life: who is asked for one, who gives one unasked, and when a stop is under way."""

import datetime as dt
import os
import time
from typing import Any

import pytest
from pytest_django import Settings

from generations.health import status
from generations.health.models import Heartbeat
from tests import wakeups

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
pytestmark = pytest.mark.django_db


def test_each_cluster_is_asked_once_while_its_answer_is_awaited() -> None:
    assert status.asks_for_beat(NOW) == list(status.CLUSTERS)
    assert status.asks_for_beat(NOW + dt.timedelta(seconds=9)) == []


def test_question_that_went_with_a_killed_cluster_is_asked_again() -> None:
    status.asks_for_beat(NOW)
    assert status.asks_for_beat(NOW + dt.timedelta(seconds=11)) == list(status.CLUSTERS)


def test_answered_question_may_be_asked_anew() -> None:
    status.asks_for_beat(NOW)
    status.beat("polls", NOW + dt.timedelta(seconds=1))
    assert status.asks_for_beat(NOW + dt.timedelta(seconds=5)) == ["polls"]


def test_verdict_is_bad_when_a_part_is_silent_for_long() -> None:
    for name in status.NEEDED:
        status.beat(name, NOW)
    status.beat("files", NOW - dt.timedelta(seconds=46))
    parts = status.verdict(NOW, only_processes=True)["parts"]
    assert {name: word for name, word in parts.items() if word != "ok"} == {"files": "silent for 46 s"}


def test_many_short_tasks_are_a_sign_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "_beaten_at", {})
    with status.beating("workers"):
        assert not Heartbeat.objects.exists()
    first = Heartbeat.objects.get(name=status.row_name("workers")).at
    with status.beating("workers"):
        pass
    assert Heartbeat.objects.get(name=status.row_name("workers")).at == first


@pytest.mark.parametrize(("age_seconds", "is_stopping"), [(1, True), (61, False)])
def test_studio_stops_for_a_minute_after_it_was_told(
    settings: Settings, tmp_path: os.PathLike[str], age_seconds: float, is_stopping: bool
) -> None:
    settings.DATA_DIR = tmp_path
    assert not status.is_stopping()
    sign = settings.DATA_DIR / "run" / "stopping"
    sign.parent.mkdir()
    sign.touch()
    told_at = time.time() - age_seconds
    os.utime(sign, (told_at, told_at))
    assert status.is_stopping() is is_stopping


def test_question_for_another_node_is_answered_and_passed_on() -> None:
    status.answer("workers", ["another", "3"], NOW)
    assert Heartbeat.objects.get().name == status.row_name("workers")
    assert wakeups.waiting() == [wakeups.WakeUp("beat_workers", (["another", "2"],))]


@pytest.mark.parametrize("asked", [["another", "1"], status.question, ()])
def test_question_goes_no_further(asked: Any) -> None:
    status.answer("workers", asked() if callable(asked) else asked, NOW)
    assert wakeups.waiting() == []


def test_another_node_does_not_hide_a_silent_part_of_this_one() -> None:
    for name in status.NEEDED:
        status.beat(name, NOW)
        Heartbeat.objects.create(name=f"{name}@another", at=NOW)
    assert status.verdict(NOW, only_processes=True)["ok"]
    status.beat("files", NOW - dt.timedelta(seconds=46))
    assert status.verdict(NOW, only_processes=True)["parts"]["files"] == "silent for 46 s"


def test_part_that_runs_elsewhere_alone_is_judged_there() -> None:
    for name in status.NEEDED:
        Heartbeat.objects.create(name=f"{name}@another", at=NOW)
        Heartbeat.objects.create(name=f"{name}@gone", at=NOW - dt.timedelta(hours=1))
    assert status.verdict(NOW, only_processes=True)["ok"]
