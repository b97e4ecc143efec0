"""From the sandbox's finish to a playable card in a real browser, with and without callback: p50 and p95.

python -m benchmarks.done_to_player [--clips 20]
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, expect

from benchmarks.browsing import board
from tests.journeys.running import Studio


def finished_at(studio: Studio, prompt: str) -> float:
    """When the sandbox had the task done, by its own clock (this machine's)."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{studio.sandbox_port}/sandbox/tasks", headers={"Authorization": "Bearer sbx-studio"}
    )
    with urllib.request.urlopen(request) as answer:
        tasks = json.load(answer)["tasks"]
    return float(next(task["finished_at"] for task in tasks if task["prompt"] == prompt))


def one(page: Page, studio: Studio, prompt: str) -> float:
    """Seconds from the sandbox's finish to the card being a player."""
    page.fill("[name=prompt]", prompt)
    page.get_by_role("button", name=re.compile("^Generate")).click()
    card = page.locator("[id^=job-]", has_text=prompt)
    expect(card.locator("video")).to_be_visible(timeout=60_000)
    seen_at = time.time()
    return seen_at - finished_at(studio, prompt)


def run(more: dict[str, str], clips: int) -> list[float]:
    with tempfile.TemporaryDirectory() as folder:
        studio = Studio(Path(folder) / "data", more)
        if "PUBLIC_URL" in more:
            studio.more["PUBLIC_URL"] = studio.url
        studio.start()
        with board(studio.url) as page:
            page.select_option("[name=model]", "seedance-2.0")
            page.select_option("[name=resolution]", "480p")
            page.fill("[name=seconds]", "4")
            waits = [one(page, studio, f"clip {number} of the measurement") for number in range(clips)]
        studio.stop()
    return waits


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=20)
    clips = parser.parse_args().clips
    for name, more in (("callback", {"PUBLIC_URL": "its own"}), ("poll only", {})):
        waits = sorted(run(dict(more), clips))
        p95 = waits[min(len(waits) - 1, round(0.95 * len(waits)))]
        print(f"{name:>9}: p50 {statistics.median(waits):.2f} s, p95 {p95:.2f} s over {clips} clips of 4 s at 480p")


if __name__ == "__main__":
    main()
