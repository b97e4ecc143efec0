"""`manage.py studio` as a person runs it: real processes on a data directory of its own."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

import psutil
import pytest

from generations.studio.children import MARK

ROOT = Path(__file__).resolve().parents[2]
SLOW_MACHINE_SECONDS = 90


def free_ports() -> tuple[int, int]:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
        return one.getsockname()[1], two.getsockname()[1]


def wait_until(is_so: Callable[[], object], what: object) -> None:
    until = time.monotonic() + SLOW_MACHINE_SECONDS
    while not is_so():
        assert time.monotonic() < until, f"waited in vain; so far: {what}"
        time.sleep(0.05)


class Studio:
    """A data directory and the supervisor that may be running on it."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.port, self.sandbox_port = free_ports()
        self.lines: list[str] = []
        self.process: subprocess.Popen[str] | None = None

    def environment(self, **more: str) -> dict[str, str]:
        known = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        ports = {"PORT": str(self.port), "SANDBOX_PORT": str(self.sandbox_port)}
        return known | ports | {"DATA_DIR": str(self.data_dir)} | more

    def command(self) -> list[str]:
        return [sys.executable, str(ROOT / "manage.py"), "studio"]

    def start(self) -> None:
        self.lines = []
        self.process = subprocess.Popen(
            self.command(), env=self.environment(), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        threading.Thread(target=self.read, args=(self.process,), daemon=True).start()
        self.wait_for("The studio is open at")

    def read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            self.lines.extend(line.rstrip() for line in lines)

    def try_start(self, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(), env=self.environment(**more), text=True, capture_output=True, timeout=60, check=False
        )

    def wait_for(self, text: str) -> str:
        wait_until(lambda: any(text in line for line in self.lines), self.lines)
        return next(line for line in self.lines if text in line)

    def end(self, number: int) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(timeout=30)

    def pids(self) -> dict[str, int]:
        records = json.loads((self.data_dir / "run" / "children.json").read_text())
        return {record["name"]: record["pid"] for record in records}

    def status(self) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
                return int(answer.status)
        except OSError as error:
            return int(getattr(error, "code", 0))


@pytest.fixture(scope="module")
def one_studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    studio = Studio(tmp_path_factory.mktemp("studio"))
    yield studio
    if studio.process and studio.process.poll() is None:
        studio.end(signal.SIGTERM)


@pytest.fixture
def studio(one_studio: Studio) -> Studio:
    if one_studio.process is None or one_studio.process.poll() is not None:
        one_studio.start()
    return one_studio


def marked(data_dir: Path) -> list[str]:
    """The command lines of all living processes that belong to this data directory."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() != psutil.STATUS_ZOMBIE and process.environ().get(MARK) == str(data_dir):
                found.append(" ".join(process.cmdline()))
        except psutil.Error:
            continue
    return found


def test_studio_opens_and_its_first_admin_signs_in(studio: Studio) -> None:
    assert studio.status() == 200
    email, password = re.findall(r"Sign in as (\S+) with the password (\S+) ", studio.wait_for("Sign in as"))[0]
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    sign_in = f"http://127.0.0.1:{studio.port}/accounts/login/"
    token = re.findall(rb'name="csrfmiddlewaretoken" value="([^"]+)"', browser.open(sign_in).read())[0].decode()
    form = {"csrfmiddlewaretoken": token, "login": email, "password": password}
    answer = browser.open(sign_in, urlencode(form).encode())
    assert answer.url == f"http://127.0.0.1:{studio.port}/projects/"
    assert b"/projects/first-steps/" in answer.read()


def test_studio_refuses_a_second_start_on_the_same_data(studio: Studio) -> None:
    second = studio.try_start()
    assert second.returncode == 1
    assert second.stdout == ""
    assert re.fullmatch(r"relayweb: a studio already runs on \S+ \(process \d+\)\.\n", second.stderr)


@pytest.mark.parametrize("name", ["web", "workers", "polls", "files", "pulse", "sandbox"])
def test_studio_starts_a_killed_child_again(studio: Studio, name: str) -> None:
    killed = studio.pids()[name]
    os.kill(killed, signal.SIGKILL)
    studio.wait_for(f"{name} ended (status -9)")
    wait_until(lambda: studio.pids().get(name, killed) != killed, studio.lines)
    wait_until(lambda: studio.status() == 200, studio.lines)


def test_studio_takes_over_from_a_killed_supervisor(studio: Studio) -> None:
    before = studio.pids()
    assert studio.end(signal.SIGKILL) == -9
    studio.start()
    assert studio.wait_for("Ended what the last run had left running") != ""
    assert not any(psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie" for pid in before.values())
    assert studio.status() == 200


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_studio_stops_in_time_and_leaves_nothing(studio: Studio, number: int) -> None:
    begun = time.monotonic()
    assert studio.end(number) == 0
    assert time.monotonic() - begun < 20
    assert marked(studio.data_dir) == []


def test_studio_starts_nothing_when_its_port_is_taken(tmp_path: Path) -> None:
    studio = Studio(tmp_path)
    with socket.create_server(("127.0.0.1", studio.port)):
        refused = studio.try_start()
    assert refused.returncode == 1
    assert f"relayweb: port {studio.port} on 127.0.0.1 is taken" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("DATA_DIR", "/dev/null/data", "relayweb: DATA_DIR /dev/null/data can't be written: Not a directory."),
        ("PORT", "eighty", "relayweb: PORT must be a number, not 'eighty'."),
        (
            "DATABASE_URL",
            "postgres://127.0.0.1:1/none",
            'relayweb: the database can\'t be used: connection failed: connection to server at "127.0.0.1", port 1 '
            "failed: Connection refused",
        ),
        ("STUDIO_EMAIL", "ada", "relayweb: STUDIO_EMAIL must be an e-mail address, not 'ada'."),
    ],
)
def test_studio_says_in_one_line_what_it_can_not_use(tmp_path: Path, name: str, value: str, line: str) -> None:
    refused = Studio(tmp_path).try_start(**{name: value})
    assert (refused.returncode, refused.stderr.splitlines()[-1]) == (1, line)
    assert "Traceback" not in refused.stderr
