"""Lighthouse over the signed-in pages of a studio with clips in it, phone and desk.

python -m benchmarks.lighthouse [--clips 8] [--page /projects/first-steps/ …] [--form mobile desktop]

Needs Lighthouse 12 on PATH (`npm install --global lighthouse@12`) and Chromium. A line a page and form: the three
scores, the largest paint, the shift of the layout, the kilobytes of scripts and styles; `<` marks what misses its aim.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from benchmarks.browsing import board_with_port
from tests.journeys.running import Studio, free_port
from tests.journeys.test_every_page import SIGNED_IN
from tests.journeys.test_first_clip import generate

FORMS = ("mobile", "desktop")
AIMS = {
    "mobile": {"performance": 95, "accessibility": 100, "best-practices": 95},
    "desktop": {"performance": 99, "accessibility": 100, "best-practices": 95},
}
NOT_MEASURED = ("/no-such-page/",)
LARGEST_PAINT_SECONDS, LARGEST_SHIFT, STYLE_KB = 1.2, 0.02, 20
SCRIPT_KB, SCRIPT_KB_WITH_A_CHART = 40, 115
PATIENCE_MS = 60_000


def fill(page: Page, clips: int) -> None:
    """So many finished clips on the board."""
    for number in range(clips):
        card = generate(page, f"Clip {number}: a heron lifts off a foggy lake at sunrise, long lens")
        expect(card).to_have_attribute("data-state", "succeeded", timeout=PATIENCE_MS)


def examine(url: str, form: str, port: int, report: Path) -> dict[str, Any]:
    """Lighthouse's report as its JSON, of the page as the browser at this port is shown it."""
    preset = ["--preset=desktop"] if form == "desktop" else []
    command = ["lighthouse", url, *preset, "--quiet", "--output=json", f"--output-path={report}", f"--port={port}"]
    subprocess.run([*command, "--only-categories=performance,accessibility,best-practices"], check=True)
    parsed: dict[str, Any] = json.loads(report.read_text())
    return parsed


def kilobytes(report: dict[str, Any], kind: str) -> float:
    """Of the scripts or the styles, as they crossed the wire."""
    items = report["audits"]["network-requests"]["details"]["items"]
    return float(sum(item["transferSize"] for item in items if item.get("resourceType") == kind)) / 1000


def scores(report: dict[str, Any], form: str) -> list[str]:
    told = []
    for name, aim in AIMS[form].items():
        score = round((report["categories"][name]["score"] or 0) * 100)
        told.append(f"{score:4d}{mark(score >= aim)}")
    return told


def mark(is_met: bool) -> str:
    return " " if is_met else "<"


def line(path: str, form: str, report: dict[str, Any]) -> str:
    paint = report["audits"]["largest-contentful-paint"]["numericValue"] / 1000
    shift = report["audits"]["cumulative-layout-shift"]["numericValue"]
    scripts, styles = kilobytes(report, "Script"), kilobytes(report, "Stylesheet")
    figures = [
        f"{paint:6.2f}{mark(paint <= LARGEST_PAINT_SECONDS or form == 'desktop')}",
        f"{shift:6.3f}{mark(shift <= LARGEST_SHIFT)}",
        f"{scripts:7.1f}{mark(scripts <= (SCRIPT_KB_WITH_A_CHART if path == '/spend/' else SCRIPT_KB))}",
        f"{styles:6.1f}{mark(styles <= STYLE_KB)}",
    ]
    return f"{path[:44]:44} {form:8}" + "".join(scores(report, form)) + "".join(figures)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=8)
    parser.add_argument("--page", nargs="*", default=[path for path in SIGNED_IN if path not in NOT_MEASURED])
    parser.add_argument("--form", nargs="*", default=FORMS, choices=FORMS)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as data:
        studio = Studio(Path(data) / "studio")
        studio.start()
        try:
            port = free_port()
            with board_with_port(studio.url, port) as page:
                fill(page, wanted.clips)
                page.goto("about:blank")
                print(f"{'page':44} {'form':8} perf   a11y best  LCP s  CLS  js KB  css KB", flush=True)
                for path in wanted.page:
                    for form in wanted.form:
                        report = examine(studio.url + path, form, port, Path(data) / "report.json")
                        print(line(path, form, report), flush=True)
        finally:
            studio.stop()


if __name__ == "__main__":
    main()
