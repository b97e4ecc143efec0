"""python -m tests.chaos.drills [NAME …]: whole accidents, each to a studio of its own, and how long until all is right.

wedged     idle workers of one cluster killed, another cluster stopped (SIGSTOP), the parent of the third killed
two        a second set of clusters and a second pulse on the same database, then the first one's parents killed
everything kill -9 of all processes at once in the middle of work, then a start
deploy     SIGTERM in the middle of slow submits: done within 25 s, nothing of unknown outcome, then a start
full       the disk fills up (a small tmpfs in a namespace of its own), then has room again
"""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from tests.chaos import disk
from tests.chaos.ground import say
from tests.chaos.storm import kill
from tests.chaos.whole import WHOLE_AGAIN_SECONDS, Person, check, children, settle, signal_all, wait_until, whole
from tests.journeys.running import ROOT

Figures = dict[str, Any]


def wedged(data: Path) -> Figures:
    """Found by the watchdog, told by /healthz, at work again within 90 s of the blow."""
    with whole(data) as studio:
        person = Person(studio)
        person.sign_in()
        wait_until(lambda: idle_workers(studio.below("workers")), 30, lambda: studio.below("workers"))
        begun = time.monotonic()
        signal_all(idle_workers(studio.below("workers")), signal.SIGKILL)
        stopped = studio.parts()["polls"]
        signal_all([stopped, *children(stopped)], signal.SIGSTOP)
        signal_all([studio.parts()["files"]], signal.SIGKILL)
        for number in range(20):
            person.generate(number)
        told = wait_until(lambda: studio.health()[0] == 503, 80, studio.health)
        said = {name: word for name, word in studio.health()[1].items() if word != "ok"}
        settle(studio, 20)
        again = time.monotonic() - begun
        assert again <= WHOLE_AGAIN_SECONDS, f"right again only after {again:.0f} s"
        restarted = [line for line in studio.log.read_text().splitlines() if "has shown no work" in line]
        return (
            {"healthz red after s": round(told), "it said": said, "right after s": round(again)}
            | {"watchdog": restarted}
            | check(studio, 20)
        )


def idle_workers(below: list[psutil.Process]) -> list[psutil.Process]:
    """All but the oldest process of a cluster: that one is its guard, which starts the others again."""
    return below[1:]


def two(data: Path) -> Figures:
    """Two whole sets of clusters on one database: no task twice, and either set may go."""
    with whole(data) as studio:
        person = Person(studio)
        person.sign_in()
        words = {"": "qcluster", "polls": "qcluster", "files": "qcluster", "pulse": "pulse"}
        second = [
            subprocess.Popen(
                [sys.executable, "manage.py", command],
                cwd=ROOT,
                env=studio.environment() | {"Q_CLUSTER_NAME": name if command == "qcluster" else ""},
                start_new_session=True,
            )
            for name, command in words.items()
        ]
        try:
            for number in range(60):
                person.generate(number)
            for name in ("workers", "polls", "files"):  # their orphans live on for a moment beside the second set
                signal_all([studio.parts()[name]], signal.SIGKILL)
            for number in range(60, 120):
                person.generate(number)
            seconds = settle(studio, 120)
            return {"right after s": round(seconds)} | check(studio, 120)
        finally:
            for process in second:
                below = children(psutil.Process(process.pid))
                process.kill()
                signal_all(below, signal.SIGKILL)
                process.wait()


def everything(data: Path) -> Figures:
    with whole(data) as studio:
        person = Person(studio)
        person.sign_in()
        for number in range(60):
            person.generate(number)
        kill(studio, "everything", random.Random(1))
        seconds = settle(studio, 60)
        return {"right after s": round(seconds)} | check(studio, 60)


def deploy(data: Path) -> Figures:
    """Submits that take 6 s each are under way when TERM comes."""
    with whole(data, submit_seconds=6) as studio:
        person = Person(studio)
        person.sign_in()
        for number in range(20):
            person.generate(number)
        wait_until(lambda: studio.states()["sending"], 20, studio.states)
        begun = time.monotonic()
        assert studio.process
        studio.process.send_signal(signal.SIGTERM)
        status = studio.process.wait(timeout=40)
        seconds = time.monotonic() - begun
        left = studio.states()
        assert (status, seconds <= 25, left["unknown"], left["sending"]) == (0, True, 0, 0), (status, seconds, left)
        posts = len(studio.relay.record()["posts"])
        studio.start_again()
        again = wait_until(lambda: not studio.states().keys() - {"succeeded"}, 120, studio.states)
        return (
            {"stopped after s": round(seconds, 1), "left": dict(left), "posted by then": posts}
            | {"all done s after the start": round(again)}
            | check(studio, 20)
        )


DRILLS = {"wedged": wedged, "two": two, "everything": everything, "deploy": deploy, "full": disk.full}


def main() -> None:
    for name in sys.argv[1:] or DRILLS:
        data, begun = Path(tempfile.mkdtemp(prefix=f"relayweb-{name}-")), time.monotonic()
        try:
            figures = DRILLS[name](data)
        finally:
            shutil.rmtree(data, ignore_errors=True)
        say(f"{name}: {figures} ({time.monotonic() - begun:.0f} s in all)")


if __name__ == "__main__":
    main()
