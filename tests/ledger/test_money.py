"""Amounts in words and back."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generations.ledger import money


@pytest.mark.parametrize(
    ("micros", "currency", "words"),
    [
        (1_234_567, "USD", "$1.23"),
        (4_200, "USD", "$0.0042"),
        (0, "USD", "$0.00"),
        (-1_500_000, "USD", "-$1.50"),
        (1_234_567_890_000, "SBX", "SBX 1,234,567.89"),
        (945_000, "SBX", "SBX 0.95"),
    ],
)
def test_show(micros: int, currency: str, words: str) -> None:
    assert money.show(micros, currency) == words


@pytest.mark.parametrize(("text", "micros"), [("5", 5_000_000), (" $1,234.50 ", 1_234_500_000), ("0.000001", 1)])
def test_read(text: str, micros: int) -> None:
    assert money.read(text) == micros


@given(st.text())
def test_read_refuses_with_its_own_error(text: str) -> None:
    with contextlib.suppress(money.NotMoney):
        assert money.read(text) >= 0
