"""A sandbox of one test: without sockets, with a clock that stands still until it is moved."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from generations.sandbox.server import Sandbox, Settings
from tests.sandbox.talking import Talk


@dataclass
class Clock:
    at: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sandbox(tmp_path: Path, clock: Clock) -> Iterator[Sandbox]:
    made = Sandbox(Settings(data=tmp_path / "sandbox", wait_seconds=3), clock)
    yield made
    made.stop()


@pytest.fixture
def talk(sandbox: Sandbox) -> Talk:
    return Talk(sandbox)
