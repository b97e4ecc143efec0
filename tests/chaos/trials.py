"""python -m tests.chaos.trials [--rounds 25]: kills a process at each labelled point and looks what becomes of its job.

Every trial has a job of its own. The steps before, the killed step and the repair each run in a forked process; the
relay runs beside them and is never killed. Prints what is not as the table says; exit status 1 when anything is not.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import itertools
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tests.chaos.ground import Relay, in_child, open_studio, say
from tests.chaos.table import ROWS, Row

if TYPE_CHECKING:  # they need settings, which open_studio makes
    from generations.jobs.models import Job
    from tests.chaos.stories import Story, Trial

OWN_BYTES = {"fetch", "pictures"}  # elsewhere the same clip will do: it is measured and drawn once


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--rounds", type=int, default=1)
    words.add_argument("--only", default="", help="the story of this name alone")
    words.add_argument("--every", type=int, default=1, help="only each n-th row")
    words.add_argument("--from", type=int, default=0, dest="first", help="beginning with this row, counted from 0")
    told = words.parse_args()
    begun, data = time.monotonic(), Path(tempfile.mkdtemp(prefix="relayweb-chaos-"))
    relay = Relay(data / "relay", "--wait", "0")
    try:
        open_studio(data / "studio", relay.url)
        rows = [row for row in ROWS[told.first :: told.every] if told.only in ("", row.story)]
        trials = Trials(relay)
        wrong = [*trials.run(rows, told.rounds), *trials.poison()]
    finally:
        relay.stop()
        shutil.rmtree(data, ignore_errors=True)
    kills = len(rows) * told.rounds
    say(*wrong, f"{kills} kills at {len(rows)} points, {len(wrong)} wrong, {time.monotonic() - begun:.0f} s")
    sys.exit(bool(wrong))


class Trials:
    """One person's jobs, each killed once."""

    def __init__(self, relay: Relay) -> None:
        from generations import tasks
        from generations.net import fetch
        from tests.chaos import stories

        self.stories, self.relay = stories, relay
        self.user, self.project = stories.make_people()
        self.numbers = itertools.count(1)
        tasks.relay(), tasks.reader(), fetch._tls()  # what is slow to make is made once, before the forks

    def run(self, rows: list[Row], rounds: int) -> Iterator[str]:
        for _ in range(rounds):
            for row in rows:
                begun = time.monotonic()
                found = list(self.trial(row))
                say(f"{time.monotonic() - begun:5.2f} s  {row.story} | {row.label}")
                yield from (f"WRONG {row.story} | {row.label}: {line}" for line in found)

    def trial(self, row: Row) -> Iterator[str]:
        """What is not as it must be."""
        from generations.jobs.models import Breaker

        story = self.stories.STORIES[row.story]
        number = next(self.numbers)
        seed = number if row.story in OWN_BYTES else 0
        trial = self.stories.Trial(self.relay, self.user, self.project, number, story.word, seed)
        Breaker.objects.all().delete()
        self.stories.make_ready(story, trial)
        ended = in_child(functools.partial(act, story, trial, row.label))
        if ended != -signal.SIGKILL:
            yield f"was not killed there, but ended with {ended}"
        yield from differs("state at once", trial.state, row.at_once)
        yield from broken()
        for step in (*story.after, self.stories.Trial.drive):
            if in_child(functools.partial(step, trial)):
                yield "the repair failed"
        yield from self.look_over(trial, row)

    def poison(self) -> Iterator[str]:
        """A job that kills whoever sends it, and a clip that kills whoever keeps it: three runs, then an end."""
        for name, label, end in (
            ("send", "before update job sending", "failed"),
            ("fetch", "before run probe", "succeeded"),
        ):
            story, number = self.stories.STORIES[name], next(self.numbers)
            trial = self.stories.Trial(self.relay, self.user, self.project, number, story.word, number)
            self.stories.make_ready(story, trial)
            ends = [in_child(functools.partial(act, story, trial, label)) for _ in range(4)]
            yield from differs(f"{name}, poison: runs", ends, [-signal.SIGKILL] * 3 + [0])
            yield from differs(f"{name}, poison: state", trial.state, end)
            yield from broken()
            say(f"{name}, poison: {len(ends) - 1} runs, then {trial.state}")

    def look_over(self, trial: Trial, row: Row) -> Iterator[str]:
        yield from differs("state after", trial.state, row.after)
        yield from differs("tasks at the relay", self.relay.record(trial.prompt)["count"], row.tasks)
        yield from broken()
        if row.after == "succeeded":
            yield from wrong_bytes(trial.job)


def act(story: Story, trial: Trial, label: str) -> None:
    from tests.chaos.points import Points

    name, _, number = label.rpartition(" ")
    points = Points(name, int(number)) if number.isdigit() else Points(label)
    points.install()
    story.act(trial)


def differs(what: str, found: object, wanted: object) -> Iterator[str]:
    if found != wanted:
        yield f"{what}: {found}, not {wanted}"


def broken() -> Iterator[str]:
    """The invariants that do not hold."""
    from django.utils import timezone

    from generations.jobs.invariants import violations

    yield from (f"{found.name}: {found.rule}: {found.rows[:3]}" for found in violations(timezone.now()))


def wrong_bytes(job: Job) -> Iterator[str]:
    from django.core.files.storage import default_storage

    for output in job.outputs.select_related("media"):
        assert output.media is not None
        with default_storage.open(output.media.storage_name) as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != output.media.sha256:
                yield f"{output.media.storage_name} does not have its bytes"


if __name__ == "__main__":
    main()
