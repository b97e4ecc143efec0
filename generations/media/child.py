"""Runs a program that reads untrusted bytes: empty environment, no input, no network, hard limits and a deadline."""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple

from generations.media.errors import TooSlow

CONFINE = Path(__file__).with_name("confine.py")
KEPT_OUTPUT_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    deadline_seconds: float
    cpu_seconds: int
    memory_bytes: int = 4 * 1024**3  # address space: 4K decoding in a few threads maps about 1.5 GB
    file_bytes: int = 64 * 1024**2  # each file that it writes, its own words included


class Ended(NamedTuple):
    status: int  # negative: ended by this signal
    output: str
    complaint: str


def run(command: Sequence[str], limits: Limits) -> Ended:
    """Waits for its end. `command[0]` is an absolute path. Raises TooSlow when it was stopped at the deadline."""
    numbers = (limits.cpu_seconds, limits.memory_bytes, limits.file_bytes)
    confined = [sys.executable, "-I", "-S", str(CONFINE), *map(str, numbers), *command]
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as complaint:
        try:
            ended = subprocess.run(
                confined,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=complaint,
                env={},
                cwd="/",
                timeout=limits.deadline_seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise TooSlow(f"stopped after {limits.deadline_seconds:g} s") from None
        return Ended(ended.returncode, _tail(output), _tail(complaint))


def _tail(file: IO[bytes]) -> str:
    file.seek(max(0, file.seek(0, 2) - KEPT_OUTPUT_BYTES))
    return file.read().decode(errors="replace").strip()
