"""`make studio` on a fresh clone with a warm package cache, to the first clip on screen: seconds of each step.

python -m benchmarks.first_clip
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from playwright.sync_api import expect

from benchmarks.browsing import board
from tests.journeys.running import EMAIL, PASSWORD, ROOT, free_port


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise SystemExit("make studio ended by itself")


def clip_on_screen(url: str) -> float:
    """Signs in and makes the first clip; when its player stood there."""
    with board(url) as page:
        page.fill("[name=prompt]", "The first clip of a new studio")
        page.get_by_role("button", name=re.compile("^Generate")).click()
        expect(page.locator("[id^=job-] video")).to_be_visible(timeout=120_000)
        return time.monotonic()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
        port = free_port()
        own = {"PORT": str(port), "SANDBOX_PORT": str(free_port()), "STUDIO_EMAIL": EMAIL, "STUDIO_PASSWORD": PASSWORD}
        dropped = {"VIRTUAL_ENV", "DATA_DIR", "DJANGO_SETTINGS_MODULE"}
        environment = {name: value for name, value in os.environ.items() if name not in dropped} | own
        began = time.monotonic()
        process = subprocess.Popen(["make", "studio"], cwd=clone, env=environment, start_new_session=True)
        try:
            wait_for(f"http://127.0.0.1:{port}/healthz", process)
            ready = time.monotonic()
            shown = clip_on_screen(f"http://127.0.0.1:{port}")
            print(f"make studio to all well: {ready - began:.1f} s; to the first clip on screen: {shown - began:.1f} s")
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)
                process.wait(timeout=30)


if __name__ == "__main__":
    main()
