"""Plays a schedule: a spell with faults, then calm in which everything must end. Patches clock and transports only."""

from __future__ import annotations

import datetime as dt
import gc
import os
import shutil
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple
from unittest import mock

import httpcore
import httpx
from django.conf import settings
from django.db import connection
from django.db.models import Max
from django.utils import timezone

from generations import tasks
from generations.jobs import poller
from generations.jobs.models import Breaker
from generations.ledger.models import Budget
from generations.relay.client import AsyncRelay, Relay
from tests.simulation import checks
from tests.simulation.files import MemoryBackend
from tests.simulation.stage import Stage
from tests.simulation.steps import Steps
from tests.simulation.workers import Broken, Locked
from tests.simulation.world import World, seeded_urandom

FEWEST, MOST = 10, 28  # steps with faults
CALM_TICKS = 60
SHORTEST_TICK_SECONDS, LONGEST_TICK_SECONDS = 5.0, 600.0


@dataclass(frozen=True)
class Played:
    seed: int
    fault: str  # '' when every rule held
    log: tuple[str, ...]
    steps: int


class _Usage(NamedTuple):
    total: int
    used: int
    free: int


class StallingReader(poller.Reader):
    """The rooms' own reader; others may work before its answers are looked at, and it may die then."""

    def read_all(self, task_ids: list[str]) -> dict[str, poller.Reading]:
        with World.current.workers.request():
            return super().read_all(task_ids)


def _disk_usage(path: object) -> _Usage:
    return _Usage(10**12, 10**12, 0) if World.current.is_disk_full else _Usage(10**12, 0, 10**12)


def _now() -> dt.datetime:
    return World.current.now


def _no_error(text: str, *args: object) -> None:
    """An error that the rooms only write to their log breaks the schedule all the same."""
    error = sys.exception()
    if not isinstance(error, Locked):
        raise Broken(f"{text % args}: {type(error).__name__}: {error}") from error


def _never(*_: object) -> None:
    return


@contextmanager
def patched() -> Iterator[None]:
    """For the life of a process: time, chance, disk and network are the current world's."""
    key = settings.RELAY_API_KEY
    relay = Relay(settings.RELAY_URL, key, httpx.MockTransport(lambda request: World.current.answer(request)))
    answer_async = httpx.MockTransport(lambda request: World.current.answer_async(request))
    reader = StallingReader(AsyncRelay(settings.RELAY_URL, key, answer_async, pools=1))
    backend = MemoryBackend(lambda path, headers: World.current.serve(path, headers))
    with (
        mock.patch.object(timezone, "now", _now),
        mock.patch.object(time, "sleep", lambda seconds: World.current.wait(seconds)),
        mock.patch.object(os, "urandom", seeded_urandom),
        mock.patch.object(poller.log, "exception", _no_error),
        mock.patch.object(shutil, "disk_usage", _disk_usage),
        mock.patch.object(httpcore, "SyncBackend", return_value=backend),
        mock.patch.object(threading.Thread, "start", _never),  # they wait for real time to pass, which it does not
        mock.patch.object(threading.Thread, "join", _never),
        mock.patch.object(tasks, "relay", return_value=relay),
        mock.patch.object(tasks, "reader", return_value=reader),
    ):
        yield
    reader.close()


def warm_up(stage: Stage) -> None:
    """What a process asks of its database only once would shift the statements of its first schedule."""
    for seed in range(3):
        play(seed, stage)


def play(seed: int, stage: Stage) -> Played:
    """Plays the schedule of this number. Needs `patched`.

    Nothing is collected meanwhile: what ends a generator late would end it in another step each time.
    """
    gc.collect()
    gc.disable()
    try:
        return _play(seed, stage)
    finally:
        gc.enable()


def _play(seed: int, stage: Stage) -> Played:
    stage.reset()
    world = World(seed, stage)
    try:
        with connection.execute_wrapper(world.workers.statement):
            steps = Steps(world)
            world.others = steps.meanwhile
            _storm(world, steps)
            _calm(world, steps)
    except Broken as broken:
        _leave_transaction()
        return Played(seed, str(broken), _told(world, broken), len(world.log))
    return Played(seed, "", tuple(world.log), len(world.log))


def _storm(world: World, steps: Steps) -> None:
    world.note(f"seed: {world.weather}")
    steps.people.submit()
    steps.people.submit()
    for _ in range(world.rng.randrange(FEWEST, MOST)):
        steps.one()


def _calm(world: World, steps: Steps) -> None:
    """Faults stop. In sixty ticks every job has ended, or a person owns it."""
    world.note("calm")
    world.is_calm, world.is_disk_full = True, False
    Budget.objects.update(paused_at=None, paused_by=None)
    _sit_out_the_relays_pause(world)
    world.double.calm_down()
    for _ in range(CALM_TICKS):
        if not _tick(world, steps):
            break
    checks.check_ended(world.double)
    checks.check_rules(world.latest)


def _sit_out_the_relays_pause(world: World) -> None:
    """A Retry-After of hours is no fault that stops, but a time to wait: the ticks are counted from its end."""
    until = Breaker.objects.aggregate(until=Max("paused_until"))["until"]
    if until and until > world.now:
        world.pass_time((until - world.now).total_seconds())


def _tick(world: World, steps: Steps) -> bool:
    """Time goes on to when somebody must look next; whether anybody must."""
    due = world.next_look()
    if not due and not world.waiting() and not world.double.outbox:
        return False
    left = (due - world.now).total_seconds() if due else 0.0
    world.pass_time(min(max(left, SHORTEST_TICK_SECONDS), LONGEST_TICK_SECONDS))
    world.note("tick")
    world.double.work()
    while world.double.outbox:
        steps.deliver(world.double.outbox.pop(0))
    steps.sweep()
    for row in world.waiting():
        steps.take(row)
    return True


def _leave_transaction() -> None:
    """A rule broke in the midst of one: let the next schedule begin anew."""
    connection.close_if_unusable_or_obsolete()
    if connection.connection.in_transaction:
        connection.connection.rollback()
    connection.in_atomic_block = False
    connection.savepoint_ids, connection.atomic_blocks = [], []
    connection.needs_rollback = False
    connection.autocommit = True


def _told(world: World, broken: Broken) -> tuple[str, ...]:
    cause = broken.__cause__
    where = traceback.format_exception(cause)[-12:] if cause else []
    return (*world.log, *(line.rstrip() for line in where))
