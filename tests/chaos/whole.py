"""A whole studio that is to be hurt: jobs through its pages, its processes by name, what must be right in the end."""

from __future__ import annotations

import hashlib
import http.cookiejar
import json
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil

from tests.chaos.ground import Relay
from tests.journeys.running import EMAIL, PASSWORD, ROOT, Studio

WHOLE_AGAIN_SECONDS = 90.0
ENDS = {"succeeded", "failed", "cancelled", "unknown"}
SEEDS = 20  # so many different clips


@dataclass
class Whole(Studio):
    """Studio and relay; `start_again` is what systemd does."""

    relay: Relay = field(kw_only=True)

    def start_again(self) -> None:
        """Starts the supervisor, and does not wait until all is well."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "studio"], cwd=ROOT, env=self.environment(), stdout=log, stderr=log
            )

    def parts(self) -> dict[str, psutil.Process]:
        """The main process of each part that runs just now."""
        found = {}
        for record in self._records():
            try:
                process = psutil.Process(record["pid"])
                if process.create_time() == record["created_at"]:
                    found[record["name"]] = process
            except psutil.Error:
                continue
        return found

    def _records(self) -> list[dict[str, Any]]:
        try:
            return list(json.loads((self.data / "run" / "children.json").read_text()))
        except (OSError, ValueError):
            return []

    def below(self, name: str) -> list[psutil.Process]:
        """The processes that a part has started, oldest first."""
        try:
            return sorted(self.parts()[name].children(recursive=True), key=lambda process: process.pid)
        except (KeyError, psutil.Error):
            return []

    def health(self) -> tuple[int, dict[str, str]]:
        """The status of /healthz and what it says of each part; 0 when nobody answers."""
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
                return answer.status, json.load(answer)["parts"]
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)["parts"] if error.code == 503 else {}
        except (OSError, ValueError):
            return 0, {}

    def states(self) -> Counter[str]:
        return Counter(str(state) for (state,) in self.query("SELECT state FROM generations_job"))


@contextmanager
def whole(data: Path, wait_seconds: float = 0.5, submit_seconds: float = 0.0, **more: str) -> Iterator[Whole]:
    """A studio at work beside a relay that calls it back; both end with the block."""
    relay = Relay(data / "relay", "--wait", str(wait_seconds), "--submit-seconds", str(submit_seconds))
    studio = Whole(data / "studio", relay=relay)
    studio.more = {"RELAY_BASE_URL": f"{relay.url}/v1", "PUBLIC_URL": studio.url} | more
    try:
        studio.start()
        yield studio
    finally:
        end(studio)
        relay.stop()


def end(studio: Whole) -> None:
    """Nothing of it may be left, whatever state the test has left it in."""
    for process in studio.parts().values():
        signal_all([process, *children(process)], signal.SIGCONT)
    if studio.process and studio.process.poll() is None:
        studio.process.send_signal(signal.SIGTERM)
        try:
            studio.process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            studio.process.kill()
    for process in studio.parts().values():
        signal_all([*children(process), process], signal.SIGKILL)


def children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.Error:
        return []


def signal_all(processes: list[psutil.Process], number: int) -> None:
    for process in processes:
        try:
            process.send_signal(number)
        except psutil.Error:
            continue


class Person:
    """Somebody at a browser who presses Generate, and presses again when the studio did not answer."""

    def __init__(self, studio: Whole) -> None:
        self.studio = studio
        self.jar = http.cookiejar.CookieJar()
        self.browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def sign_in(self) -> None:
        page = self.browser.open(f"{self.studio.url}/accounts/login/", timeout=20).read().decode()
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert found
        self.post("/accounts/login/", {"csrfmiddlewaretoken": found[1], "login": EMAIL, "password": PASSWORD})

    def post(self, path: str, fields: dict[str, str]) -> int:
        data = urllib.parse.urlencode(fields).encode()
        return int(self.browser.open(f"{self.studio.url}{path}", data, timeout=20).status)

    def generate(self, number: int) -> int:
        """Presses until there is an answer, always with the same form. The status of the answer."""
        key, until = uuid4().hex, time.monotonic() + 90
        while (status := self.press_once(number, key)) >= 500:
            assert time.monotonic() < until, "Generate was never answered"
            time.sleep(0.3)
        return status

    def press_once(self, number: int, key: str = "") -> int:
        """The status of the answer; 599 when there was none."""
        token = {cookie.name: cookie.value or "" for cookie in self.jar}["csrftoken"]
        fields = {"prompt": f"Storm {number} over a quiet harbour", "model": "seedance-2.0", "resolution": "480p"}
        fields |= {"ratio": "16:9", "seconds": "4", "seed": str(number % SEEDS), "key": key or uuid4().hex}
        try:
            return self.post("/projects/first-steps/generate", fields | {"csrfmiddlewaretoken": token})
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 599


def wait_until(is_so: Callable[[], object], seconds: float, what: Callable[[], object]) -> float:
    """Seconds until it was so."""
    begun = time.monotonic()
    while not is_so():
        passed = time.monotonic() - begun
        assert passed < seconds, f"not within {seconds:.0f} s: {what()}"
        time.sleep(0.25)
    return time.monotonic() - begun


def settle(studio: Whole, jobs: int) -> float:
    """Waits until the studio is well and no job moves any more; seconds. At most 90."""

    def is_settled() -> bool:
        states = studio.states()
        return states.total() == jobs and not states.keys() - ENDS and studio.health()[0] == 200

    return wait_until(is_settled, WHOLE_AGAIN_SECONDS, lambda: (studio.states(), studio.health()))


def check(studio: Whole, jobs: int) -> dict[str, Any]:
    """Asserts that nothing was lost, doubled or altered; the figures."""
    record = studio.relay.record()
    by_attempt = Counter(task["callback_url"] for task in record["tasks"])
    by_prompt = Counter(task["prompt"] for task in record["tasks"])
    assert max(by_attempt.values()) == max(by_prompt.values()) == 1, "the relay has a task twice"
    states = studio.states()
    assert states.total() == jobs
    assert not states.keys() - ENDS, states
    held = studio.query("SELECT COUNT(*) FROM generations_hold WHERE state = 'open'")[0][0]
    assert held == states["unknown"], "a hold stands open without a job of unknown outcome"
    assert "hold." in manage(studio, "invariants")
    known = {task_id for (task_id,) in studio.query("SELECT relay_task_id FROM generations_attempt")}
    billed = [task["quota"] for task in record["tasks"] if task["state"] == "done" and task["task_id"] in known]
    (charged,) = studio.query("SELECT COALESCE(SUM(charged_micros), 0) FROM generations_hold WHERE state = 'charged'")[
        0
    ]
    assert charged == 2 * sum(billed), "what was charged is not what the relay billed"
    clips = check_bytes(studio)
    assert clips == states["succeeded"]
    figures = {"jobs": jobs, "relay's tasks": len(record["tasks"]), "relay's posts": len(record["posts"])}
    return figures | dict(states) | {"clips whole": clips, "charged micros": int(str(charged))}


def check_bytes(studio: Whole) -> int:
    """How many outputs there are, each with the bytes of its hash."""
    rows = studio.query(
        "SELECT m.storage_name, m.sha256 FROM generations_output o JOIN generations_mediafile m ON m.id = o.media_id"
    )
    for name, sha256 in set(rows):
        with (studio.data / "media" / str(name)).open("rb") as file:
            assert hashlib.file_digest(file, "sha256").hexdigest() == sha256, f"{name} is not what it was"
    return len(rows)


def manage(studio: Whole, *words: str) -> str:
    command = [sys.executable, "manage.py", *words]
    done = subprocess.run(command, cwd=ROOT, env=studio.environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
