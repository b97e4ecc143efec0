"""Wake-ups through Redis: after the commit, not without it, and no page waits for a Redis that is away."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from django.db import transaction
from django_q.conf import Conf
from pytest_django import Settings

import relayweb.settings
from generations import queue
from tests import wakeups
from tests.services.servers import free_port


@pytest.fixture
def through(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """The queue as it is in a process that was started with a REDIS_URL, which the test sets by `use`."""
    monkeypatch.setattr(Conf, "ORM", None)
    queue._redis.cache_clear()
    yield settings
    queue._redis.cache_clear()


def use(settings: Settings, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("REDIS_URL", url)
    settings.REDIS_URL = relayweb.settings.env_redis("REDIS_URL")
    monkeypatch.setattr(Conf, "REDIS", settings.REDIS_URL)


@pytest.fixture
def redis(through: Settings, monkeypatch: pytest.MonkeyPatch, redis_url: str) -> None:
    use(through, monkeypatch, redis_url)
    wakeups.empty_redis()


@pytest.mark.django_db(transaction=True)
def test_wake_up_goes_out_with_the_commit(redis: None) -> None:
    with transaction.atomic():
        queue.wake("submit_job", "1")
        assert queue._redis("relayweb").queue_size() == 0
    assert wakeups.waiting() == [wakeups.WakeUp("submit_job", ("1",))]


@pytest.mark.django_db(transaction=True)
def test_wake_up_of_a_transaction_that_is_rolled_back_never_goes_out(redis: None) -> None:
    with transaction.atomic():
        queue.wake("submit_job", "1")
        transaction.set_rollback(True)
    assert wakeups.waiting() == []


@pytest.mark.django_db(transaction=True)
def test_each_cluster_has_its_own_queue(redis: None) -> None:
    for task in ("submit_job", "poll_jobs", "fetch_job"):
        queue.wake(task, "1")
    assert [queue._redis(name).queue_size() for name in ("relayweb", "polls", "files")] == [1, 1, 1]


@pytest.mark.django_db(transaction=True)
def test_redis_that_is_away_costs_the_wake_up_and_no_more(
    through: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    use(through, monkeypatch, f"redis://127.0.0.1:{free_port()}/0")
    began = time.monotonic()
    with transaction.atomic():
        queue.wake("submit_job", "1")
    assert time.monotonic() - began < 3
    assert "a wake-up was lost" in caplog.text


@pytest.mark.parametrize("url", ["localhost:6379", "http://localhost", "postgres://localhost"])
def test_address_of_another_kind_is_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("REDIS_URL", url)
    with pytest.raises(SystemExit, match="REDIS_URL must be a redis://"):
        relayweb.settings.env_redis("REDIS_URL")
