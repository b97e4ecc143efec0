"""Starters of throw-away servers: each in its own directory, on a free port of 127.0.0.1, ended with its `with`."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

START_SECONDS = 30
BUCKET = "studio-media"
# A test's database need not survive a power cut: the same SQL, several times as fast.
POSTGRES_FLAGS = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=300")


class Missing(RuntimeError):
    """A server's program is not on this machine; the text says what to install."""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def postgres() -> Iterator[str]:
    """The DATABASE_URL of an empty database; whoever is root runs the server as somebody else, as it demands."""
    programs, user, port = postgres_programs(), unprivileged_user(), free_port()
    with folder(user) as data:
        made = [str(programs / "initdb"), "-D", str(data / "db"), "-U", "studio", "-A", "trust", "-E", "UTF8", "-N"]
        subprocess.run([*made, "--locale=C.UTF-8"], check=True, capture_output=True, user=user, cwd=data)
        flags = [part for flag in POSTGRES_FLAGS for part in ("-c", flag)]
        command = [str(programs / "postgres"), "-D", str(data / "db"), "-p", str(port), "-k", str(data), *flags]
        with running([*command, "-h", "127.0.0.1"], data, user=user, stop=signal.SIGINT, is_up=lambda: accepts(port)):
            url = f"postgres://studio@127.0.0.1:{port}"
            create_database(f"{url}/postgres", "studio")
            yield f"{url}/studio"


def create_database(url: str, name: str) -> None:
    import psycopg

    ends_at = time.monotonic() + START_SECONDS
    while True:
        try:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(f'CREATE DATABASE "{name}"'.encode())
                return
        except psycopg.OperationalError:  # it listens before it lets anybody in
            if time.monotonic() > ends_at:
                raise
            time.sleep(0.1)


def postgres_programs() -> Path:
    """Where initdb and postgres lie: what pg_config says, else Debian's newest."""
    if config := shutil.which("pg_config"):
        told = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=True)
        places = [Path(told.stdout.strip())]
    else:
        places = []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for place in places:
        if (place / "initdb").exists() and (place / "postgres").exists():
            return place
    raise Missing("PostgreSQL's server is not on this machine (Debian: apt install postgresql)")


def unprivileged_user() -> str | None:
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in names)


@contextmanager
def redis() -> Iterator[str]:
    """The REDIS_URL of an empty Redis that keeps nothing on the disk."""
    program, port = shutil.which("redis-server") or shutil.which("valkey-server"), free_port()
    if program is None:
        raise Missing("Redis is not on this machine (Debian: apt install redis-server)")
    with folder(None) as data:
        settings = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no", "--databases", "64"]
        with running([program, *settings, "--dir", str(data)], data, is_up=lambda: accepts(port)):
            yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def s3() -> Iterator[str]:
    """The MEDIA_S3_URL of an empty bucket on moto's server."""
    port = free_port()
    with folder(None) as data:
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
        with running(command, data, is_up=lambda: accepts(port)):
            url = f"http://key:secret@127.0.0.1:{port}/{BUCKET}"
            make_bucket(port)
            yield url


def make_bucket(port: int) -> None:
    import boto3

    client = boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="us-east-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
    )
    client.create_bucket(Bucket=BUCKET)


@contextmanager
def folder(owner: str | None) -> Iterator[Path]:
    """Not pytest's own: its parents are closed to everybody but the one who runs the tests."""
    with tempfile.TemporaryDirectory(prefix="relayweb-server-", ignore_cleanup_errors=True) as name:
        if owner:
            shutil.chown(name, owner)
        yield Path(name)


@contextmanager
def running(
    command: Sequence[str],
    data: Path,
    *,
    is_up: Callable[[], bool],
    user: str | None = None,
    stop: signal.Signals = signal.SIGTERM,
) -> Iterator[subprocess.Popen[bytes]]:
    """The server in a session of its own, asked to stop at the end, then killed."""
    with (data / "log").open("wb") as log:
        server = subprocess.Popen(
            command, cwd=data, stdin=subprocess.DEVNULL, stdout=log, stderr=log, user=user, start_new_session=True
        )
    try:
        wait_for(server, is_up, data / "log")
        yield server
    finally:
        server.send_signal(stop)
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait(timeout=10)


def wait_for(server: subprocess.Popen[bytes], is_up: Callable[[], bool], log: Path) -> None:
    ends_at = time.monotonic() + START_SECONDS
    while not is_up():
        if server.poll() is not None or time.monotonic() > ends_at:
            raise RuntimeError(f"{server.args!r} did not start:\n{log.read_text()[-4000:]}")
        time.sleep(0.05)


def accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
