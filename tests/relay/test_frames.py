import json
from pathlib import Path

import pytest

from generations.relay.frames import WIDE
from generations.relay.wire import Malformed, frame_size, seedance_tokens


@pytest.mark.parametrize(
    ("resolution", "ratio", "size"),
    [
        ("4k", "16:9", (3840, 2160)),
        ("4K", "adaptive", (3840, 2160)),
        ("1080p", "9:16", (1080, 1920)),
        ("480p", "16:9", (854, 480)),
        ("720p", "1:1", (960, 960)),
        ("720p", "4:3", (1108, 832)),
        ("720p", "3:4", (832, 1108)),
        ("1080p", "21:9", (2200, 942)),
    ],
)
def test_frame_size_keeps_the_area_and_is_even(resolution: str, ratio: str, size: tuple[int, int]) -> None:
    assert frame_size(resolution, ratio) == size


@pytest.mark.parametrize(("resolution", "ratio"), [("8k", "16:9"), ("720p", "wide"), ("720p", "0:1"), ("", "")])
def test_frame_size_refuses_what_it_does_not_know(resolution: str, ratio: str) -> None:
    with pytest.raises(Malformed):
        frame_size(resolution, ratio)


def test_frame_sizes_are_those_of_the_catalogue() -> None:
    listed = Path(__file__).parents[2] / "generations" / "catalog" / "catalog.json"
    catalogue = json.loads(listed.read_text())
    assert {name: list(size) for name, size in WIDE.items()} == catalogue["dimensions_16x9"]


def test_seedance_tokens_are_those_of_the_contract() -> None:
    assert seedance_tokens(0, 5, 1280, 720) == 108_000
    assert seedance_tokens(2.5, 5, 1280, 720) == 162_000


def test_seedance_tokens_round_up() -> None:
    assert seedance_tokens(0, 1, 7, 7) == 2
