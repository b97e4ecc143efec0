"""The short form of the kill tests: a kill at each labelled point of some steps, and a storm over one studio."""

import subprocess
import sys
from pathlib import Path

from tests.chaos.table import ROWS

ROOT = Path(__file__).resolve().parents[2]


def run(module: str, *words: str) -> str:
    """In a process of its own: trials fork, and a studio has other settings than tests."""
    command = [sys.executable, "-m", f"tests.chaos.{module}", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout


def test_table_has_forty_points_and_more() -> None:
    assert len({(row.story, row.label) for row in ROWS}) == len(ROWS) >= 40


def test_killed_processes_leave_what_the_table_says() -> None:
    """Each fourth point; a poisoned job besides. `make chaos` kills at all of them, many times."""
    assert ", 0 wrong, " in run("trials", "--every", "4", "--from", "2")


def test_studio_is_right_again_after_kills_of_every_kind() -> None:
    assert "'jobs': 20" in run("storm", "--jobs", "20", "--kills", "11", "--pause", "1")
