"""Readable names of downloads."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generations.media.naming import download_name

DAY = dt.datetime(2026, 11, 22, 20, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("Dusk walk over the harbour", "dusk-walk-over-the-harbour"),
        ("A slow crane shot over a foggy pine forest at dawn, birds", "a-slow-crane-shot-over-a-foggy-pine-forest-at"),
        ("@image1 walks. “Hello!” she says", "image1-walks-hello-she-says"),
        ("../../etc/passwd\x00\r\n<b>", "etcpasswd-b"),
        ("Ärger über Öl", "ärger-über-öl"),
        ("黄昏的港口，海鸥飞过", "黄昏的港口海鸥飞过"),
        ("x" * 300, "x" * 48),
        ("🌊🌅", "clip"),
        ("", "clip"),
    ],
)
def test_download_name_is_made_of_the_first_words(prompt: str, words: str) -> None:
    assert download_name(prompt, DAY, "4k", "mp4") == f"{words}-2026-11-22-4k.mp4"


@given(st.text(max_size=200), st.sampled_from(["720p", "4K", "768P"]))
def test_download_name_is_safe_on_every_system(prompt: str, resolution: str) -> None:
    name = download_name(prompt, DAY, resolution, "mp4")
    assert not set('/\\:*?"<>|\0\r\n\t ;') & set(name)
    assert not name.startswith((".", "-"))
    assert len(name.encode()) <= 255
