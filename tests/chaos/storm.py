"""python -m tests.chaos.storm [--jobs 200] [--kills 40] [--seed 1]: SIGKILL at random instants, at random processes.

200 jobs are asked for through the pages while web, pulse, supervisor, workers, polls and files are killed. Prints what
was killed and the figures of the end; exit status 1 when the studio is not right within 90 s of the last kill.
"""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import psutil

from tests.chaos.ground import say
from tests.chaos.whole import WHOLE_AGAIN_SECONDS, Person, Whole, check, children, settle, signal_all, whole

CLUSTERS = ("workers", "polls", "files")
VICTIMS = (
    "web",
    "a web worker",
    "pulse",
    "supervisor",
    *CLUSTERS,
    *(f"one of {name}" for name in CLUSTERS),
    "everything",
)


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--jobs", type=int, default=200)
    words.add_argument("--kills", type=int, default=40)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--pause", type=float, default=2, help="seconds between two kills, give or take three quarters")
    told = words.parse_args()
    data = Path(tempfile.mkdtemp(prefix="relayweb-storm-"))
    try:
        with whole(data) as studio:
            say(storm(studio, told.jobs, told.kills, told.pause, random.Random(told.seed)))
    finally:
        shutil.rmtree(data, ignore_errors=True)


def storm(studio: Whole, jobs: int, kills: int, pause_seconds: float, chance: random.Random) -> dict[str, Any]:
    """The figures of the end. Each kind of victim falls at least once when there are kills enough."""
    person = Person(studio)
    person.sign_in()
    asking = threading.Thread(target=lambda: [person.generate(number) for number in range(jobs)], daemon=True)
    asking.start()
    for number in range(kills):
        time.sleep(pause_seconds * chance.uniform(0.25, 1.75))
        victim = VICTIMS[number % len(VICTIMS)] if number < len(VICTIMS) else chance.choice(VICTIMS)
        say(f"{time.strftime('%X')} SIGKILL {victim}: {kill(studio, victim, chance)}")
    begun = time.monotonic()
    asking.join(timeout=WHOLE_AGAIN_SECONDS)
    settle(studio, jobs)
    seconds = time.monotonic() - begun
    figures = {"right again after s": round(seconds, 1), "kills": kills} | check(studio, jobs)
    assert seconds <= WHOLE_AGAIN_SECONDS, f"right again, but late: {figures}"
    return figures


def kill(studio: Whole, victim: str, chance: random.Random) -> str:
    """Which processes fell. A supervisor is started again, as systemd would."""
    falling = victims(studio, victim, chance)
    signal_all(falling, signal.SIGKILL)
    if studio.process and victim in {"supervisor", "everything"}:
        studio.process.wait(timeout=10)
        studio.start_again()
    return " ".join(str(process.pid) for process in falling) or "not there just now"


def victims(studio: Whole, victim: str, chance: random.Random) -> list[psutil.Process]:
    parts = studio.parts()
    assert studio.process
    if victim == "supervisor":
        return [psutil.Process(studio.process.pid)]
    if victim == "everything":
        below = [process for part in parts.values() for process in (part, *children(part))]
        return [psutil.Process(studio.process.pid), *below]
    name = {"a web worker": "web"}.get(victim, victim.removeprefix("one of "))
    if victim == name:
        return [parts[name]] if name in parts else []
    below = studio.below(name)
    return [chance.choice(below)] if below else []


if __name__ == "__main__":
    main()
