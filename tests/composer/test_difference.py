"""The word diff: what is read out of it, and that it loses nothing."""

from hypothesis import given
from hypothesis import strategies as st

from generations.composer.difference import Kind, Part, between

SAME, GONE, NEW = Kind.SAME, Kind.GONE, Kind.NEW


def test_changed_word_stands_between_what_stayed() -> None:
    found = between("A red boat at dusk", "A blue boat at dusk")
    assert found == [Part(SAME, "A "), Part(GONE, "red"), Part(NEW, "blue"), Part(SAME, " boat at dusk")]


def test_mention_is_one_word() -> None:
    assert between("@image1", "@image2") == [Part(GONE, "@image1"), Part(NEW, "@image2")]


def test_same_text_is_one_part() -> None:
    assert between("Dusk, slowly.", "Dusk, slowly.") == [Part(SAME, "Dusk, slowly.")]
    assert between("", "") == []


@given(st.text(max_size=80), st.text(max_size=80))
def test_nothing_is_lost(old: str, new: str) -> None:
    parts = between(old, new)
    assert "".join(part.text for part in parts if part.kind != NEW) == old
    assert "".join(part.text for part in parts if part.kind != GONE) == new
