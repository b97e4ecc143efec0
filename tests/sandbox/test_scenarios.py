"""The scenario words: found, left out of the picture, each of them played by some module."""

from pathlib import Path

import pytest

from generations import sandbox
from generations.sandbox.scenarios import SCENARIOS, without_words, words_in

SOURCES = [path for path in Path(sandbox.__path__[0]).glob("*.py") if path.name != "scenarios.py"]


def test_words_in_finds_words_in_any_case_and_place() -> None:
    assert words_in("[FAIL] a fox [openai]") == {"fail", "openai"}


@pytest.mark.parametrize("prompt", ["fail", "[]", "[ fail ]", "[fox]", "(fail)", "[fail", "[[fai]l]"])
def test_words_in_finds_nothing_else(prompt: str) -> None:
    assert words_in(prompt) == frozenset()


def test_without_words_keeps_the_rest_and_other_brackets() -> None:
    assert without_words("[slow] a fox [in snow]  [429]") == "a fox [in snow]"


@pytest.mark.parametrize("word", SCENARIOS)
def test_scenario_is_played(word: str) -> None:
    assert any(f'"{word}"' in path.read_text() for path in SOURCES)
