"""The supervisor with small real processes: what dies comes back, and a stop leaves nothing behind."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from generations.studio.children import Child, Part, session_members
from generations.studio.supervisor import LONGEST_WAIT_SECONDS, Supervisor

SLEEP = "import time; print('up'); time.sleep(60)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up'); time.sleep(60)"


def part(name: str, code: str) -> Part:
    return Part(name=name, command=[sys.executable, "-u", "-c", code])


class Stage:
    """A supervisor in this thread, and a script that runs beside it and stops it at the end."""

    def __init__(self, tmp_path: Path, *parts: Part, grace_seconds: float = 5) -> None:
        self.lines: list[str] = []
        self.sick: list[tuple[Child, str]] = []
        self.supervisor = Supervisor(
            parts, tmp_path, self.lines.append, sick=self.take_sick, grace_seconds=grace_seconds
        )
        self.faults: list[BaseException] = []

    def take_sick(self) -> list[tuple[Child, str]]:
        sick, self.sick = self.sick, []
        return sick

    def play(self, script: Callable[["Stage"], None]) -> None:
        def run() -> None:
            try:
                script(self)
            except BaseException as fault:  # noqa: BLE001
                self.faults.append(fault)
            finally:
                os.kill(os.getpid(), signal.SIGTERM)

        beside = threading.Thread(target=run)
        beside.start()
        self.supervisor.run()
        beside.join()
        assert self.faults == []

    def wait_for(self, line: str, times: int = 1) -> None:
        until = time.monotonic() + 10
        while self.lines.count(line) < times:
            assert time.monotonic() < until, f"{line!r} not seen {times} times in {self.lines}"
            time.sleep(0.02)

    def pid(self, index: int = 0) -> int:
        process = self.supervisor.children[index].process
        assert process is not None
        return process.pid


def test_supervisor_starts_again_what_was_killed(tmp_path: Path) -> None:
    stage = Stage(tmp_path, part("a", SLEEP))

    def script(stage: Stage) -> None:
        stage.wait_for("a       | up")
        psutil.Process(stage.pid()).kill()
        stage.wait_for("a       | up", times=2)

    stage.play(script)
    assert "a ended (status -9); starting it again in 0.5 s" in stage.lines


def test_supervisor_starts_again_what_the_watchdog_finds_sick(tmp_path: Path) -> None:
    stage = Stage(tmp_path, part("a", DEAF), grace_seconds=0.3)

    def script(stage: Stage) -> None:
        stage.wait_for("a       | up")
        stage.sick = [(stage.supervisor.children[0], "has shown no work for 60 s")]
        stage.wait_for("a       | up", times=2)

    stage.play(script)
    assert "a has shown no work for 60 s: starting it again" in stage.lines


def test_supervisor_stops_all_and_leaves_nothing(tmp_path: Path) -> None:
    stage = Stage(tmp_path, part("a", SLEEP), part("b", SLEEP))

    def script(stage: Stage) -> None:
        stage.wait_for("a       | up")
        stage.wait_for("b       | up")

    stage.play(script)
    assert [session_members(stage.pid(index)) for index in (0, 1)] == [[], []]
    assert not (tmp_path / "run" / "children.json").exists()


def test_supervisor_kills_the_deaf_after_the_grace(tmp_path: Path) -> None:
    stage = Stage(tmp_path, part("a", DEAF), grace_seconds=0.3)
    stage.play(lambda stage: stage.wait_for("a       | up"))
    assert session_members(stage.pid()) == []


def test_supervisor_waits_longer_for_what_dies_at_once(tmp_path: Path) -> None:
    supervisor = Supervisor([part("a", "")], tmp_path, lambda line: None)
    child = supervisor.children[0]
    waits = []
    for _ in range(7):
        supervisor._start(child)
        supervisor._plan(child, child.started_at)
        waits.append(supervisor.start_at["a"] - child.started_at)
    assert [round(wait, 3) for wait in waits] == [0.5, 1, 2, 4, 8, LONGEST_WAIT_SECONDS, LONGEST_WAIT_SECONDS]


def test_supervisor_forgets_the_waits_of_what_has_settled(tmp_path: Path) -> None:
    supervisor = Supervisor([part("a", "")], tmp_path, lambda line: None)
    child = supervisor.children[0]
    supervisor._start(child)
    supervisor.waits["a"] = 8
    supervisor._plan(child, child.started_at + 31)
    assert supervisor.start_at["a"] == child.started_at + 31.5


def test_supervisor_tells_workers_to_begin_nothing_while_it_stops(tmp_path: Path) -> None:
    sign = tmp_path / "run" / "stopping"
    watch = (
        "import pathlib, signal, sys\n"
        f"signal.signal(signal.SIGTERM, lambda *_: (print(pathlib.Path({str(sign)!r}).exists()), sys.exit()))\n"
        "print('up'); signal.pause()"
    )
    stage = Stage(tmp_path, part("a", watch))
    stage.play(lambda stage: stage.wait_for("a       | up"))
    assert stage.lines.count("a       | True") == 1
    assert not sign.exists()
