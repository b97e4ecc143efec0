"""Children with real processes: a session dies whole, and a killed supervisor's children are found again."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from generations.studio.children import MARK, Child, Part, end_leftovers, session_members, write_records

PARENT_AND_CHILD = "import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', '{0}']); print(p.pid); p.wait()"
SLEEP = "import time; time.sleep(60)"


def python(code: str) -> Part:
    return Part(name="part", command=[sys.executable, "-u", "-c", code])


def wait_until(is_so: Callable[[], object], seconds: float = 10) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.02)


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def child(lines: list[str], tmp_path: Path) -> Iterator[Child]:
    """A process that has started another one."""
    child = Child(python(PARENT_AND_CHILD.format(SLEEP)), lines.append)
    child.start({**os.environ, MARK: str(tmp_path)})
    wait_until(lambda: lines)
    yield child
    child.kill()


def pid_of(child: Child) -> int:
    assert child.process is not None
    return child.process.pid


def test_child_repeats_its_lines_under_its_name(child: Child, lines: list[str]) -> None:
    assert lines[0].startswith("part    | ")


def test_kill_ends_the_whole_session(child: Child) -> None:
    assert len(session_members(pid_of(child))) == 2
    child.kill()
    assert session_members(pid_of(child)) == []


def test_kill_finds_what_outlived_its_main_process(child: Child) -> None:
    psutil.Process(pid_of(child)).kill()
    wait_until(lambda: not child.is_running)
    assert len(session_members(pid_of(child))) == 1
    child.kill()
    assert session_members(pid_of(child)) == []


def test_ask_to_stop_reaches_the_main_process_only(child: Child) -> None:
    child.ask_to_stop()
    wait_until(lambda: not child.is_running)
    assert len(session_members(pid_of(child))) == 1


def test_leftovers_are_ended_and_forgotten(child: Child, tmp_path: Path) -> None:
    records = tmp_path / "run" / "children.json"
    write_records(records, [child])
    assert end_leftovers(records, str(tmp_path)) == ["part"]
    assert not child.is_running
    assert not records.exists()


def test_leftovers_without_their_main_process_are_known_by_their_mark(child: Child, tmp_path: Path) -> None:
    records = tmp_path / "run" / "children.json"
    write_records(records, [child])
    psutil.Process(pid_of(child)).kill()
    wait_until(lambda: not child.is_running)
    assert end_leftovers(records, str(tmp_path)) == ["part"]


def test_leftovers_in_no_record_are_known_by_their_mark(child: Child, tmp_path: Path) -> None:
    """Its supervisor was killed between starting it and writing it down."""
    assert end_leftovers(tmp_path / "children.json", str(tmp_path)) == [f"session {pid_of(child)}"]
    wait_until(lambda: not child.is_running)


def test_leftovers_of_others_are_left_alone(child: Child, tmp_path: Path) -> None:
    """The pid has come round again: another start time, another studio's mark."""
    records = tmp_path / "run" / "children.json"
    write_records(records, [child])
    records.write_text(records.read_text().replace('"created_at": ', '"created_at": 1'))
    assert end_leftovers(records, "/another/studio") == []
    assert child.is_running


@pytest.mark.parametrize("text", ["", "{", "null", "[]"])
def test_leftovers_of_an_unreadable_record_are_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "children.json").write_text(text)
    assert end_leftovers(tmp_path / "children.json", "x") == []
