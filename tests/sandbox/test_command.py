"""manage.py sandbox as a process: it stops at once and leaves no ffmpeg, and says what is wrong."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from django.core.management import CommandError, call_command

from generations.relay.client import Relay
from generations.sandbox.listener import Listener
from generations.sandbox.server import Sandbox, Settings
from tests.sandbox.talking import KEY, until, wish

MANAGE = Path(__file__).parents[2] / "manage.py"


@pytest.fixture
def process(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    command = [
        sys.executable,
        str(MANAGE),
        "sandbox",
        "--port",
        "0",
        "--data",
        str(tmp_path / "sandbox"),
        "--wait",
        "0",
    ]
    environment = os.environ | {"DATA_DIR": str(tmp_path / "studio")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as started:
        yield started
        started.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_sandbox_stops_within_five_seconds_and_leaves_no_ffmpeg(
    process: "subprocess.Popen[str]", number: signal.Signals
) -> None:
    assert process.stdout is not None
    relay = Relay(process.stdout.readline().split()[-1], KEY)
    relay.create(wish(model="doubao-seedance-2-0-4k", seconds=15))
    renders = until(lambda: psutil.Process(process.pid).children())
    stopped_at = time.monotonic()
    process.send_signal(number)
    assert process.wait(10) == 0
    assert time.monotonic() - stopped_at < 5
    assert [child for child in renders if child.is_running() and child.status() != psutil.STATUS_ZOMBIE] == []


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"key": "sk-real"}, "begins with sbx-"),
        ({"wait": -1.0}, "--wait"),
        ({"catalog": Path("/nowhere/catalog.json")}, "cannot open"),
        ({"data": Path("/proc/nowhere")}, "cannot open"),
        ({"port": 99_999}, "Cannot listen"),
        ({"host": "192.0.2.1"}, "Cannot listen"),
    ],
)
def test_sandbox_says_what_is_wrong(tmp_path: Path, options: dict[str, object], complaint: str) -> None:
    with pytest.raises(CommandError, match=complaint):
        call_command("sandbox", **{"data": tmp_path, "port": 0} | options)


def test_sandbox_says_that_the_port_is_taken(tmp_path: Path) -> None:
    with Listener(Sandbox(Settings(data=tmp_path / "a"))) as other, pytest.raises(CommandError, match="Cannot listen"):
        call_command("sandbox", data=tmp_path / "b", port=int(other.url.rsplit(":", 1)[1]))
