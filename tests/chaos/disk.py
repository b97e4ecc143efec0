"""The disk of a studio fills up and has room again. The disk is a tmpfs in a mount namespace of this drill's own."""

from __future__ import annotations

import ast
import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.chaos.whole import Person, Whole, check, manage, settle, wait_until, whole

DISK_MB = 400
LOW_MB = 120  # under the 200 MB at which admission closes
INSIDE = "RELAYWEB_DRILL_INSIDE"


def full(data: Path) -> dict[str, Any]:
    """Begins again in a namespace in which it may mount: as root by right, else as root of its own user namespace."""
    if os.environ.get(INSIDE):
        return fill_up(data)
    own = [] if os.geteuid() == 0 else ["--map-root-user"]
    command = ["unshare", "--mount", *own, sys.executable, "-m", "tests.chaos.drills", "full"]
    done = subprocess.run(command, env=os.environ | {INSIDE: "1"}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return {"inside": ast.literal_eval(done.stdout.partition(": ")[2].rpartition(" (")[0])}


def fill_up(data: Path) -> dict[str, Any]:
    disk = data / "studio"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "none", str(disk)], check=True)
    try:
        with whole(data, wait_seconds=12, submit_seconds=5) as studio:
            return suffer(studio, Ballast(disk))
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def suffer(studio: Whole, ballast: Ballast) -> dict[str, Any]:
    """Full to the last byte, then low, then free."""
    person = Person(studio)
    person.sign_in()
    for number in range(6):
        person.generate(number)
    wait_until(lambda: studio.states()["running"] >= 2 and studio.states()["sending"], 60, studio.states)
    before = studio.states()
    ballast.leave(0)
    refused = person.press_once(99)
    said = [studio.health()[0]]
    wait_until(lambda: studio.health()[0] == 503, 80, studio.health)
    while_full = studio.states()
    assert not while_full.keys() & {"failed", "cancelled", "unknown"}, f"a full disk ended jobs: {while_full}"
    ballast.leave(LOW_MB)
    reason = "SELECT COUNT(*) FROM generations_job WHERE state = 'fetching' AND waiting_reason LIKE '%disk is full%'"
    wait_until(lambda: studio.query(reason)[0][0], 90, lambda: (studio.states(), studio.health()))
    low = person.press_once(100)
    assert (refused, low) == (422, 422)
    assert "hold." in manage(studio, "invariants")
    jobs = studio.states().total()
    ballast.leave(DISK_MB)
    seconds = settle(studio, jobs)
    figures = {
        "before": dict(before),
        "while full": dict(while_full),
        "generate on a full disk": refused,
        "on a low one": low,
        "healthz": said[0],
    }
    return figures | {"right after s": round(seconds)} | check(studio, jobs)


class Ballast:
    """A file that leaves so many MB of the disk free."""

    def __init__(self, disk: Path) -> None:
        self.disk, self.path = disk, disk / "ballast"

    def leave(self, free_mb: int) -> None:
        self.path.unlink(missing_ok=True)
        with self.path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while shutil.disk_usage(self.disk).free > free_mb * 1024**2:
                file.write(bytes(4096 if free_mb == 0 else 1024**2))
