"""CSV: no cell is a formula, nothing is lost, amounts to the millionth."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generations.ledger.exports import STARTS_A_FORMULA, Figure, amount, csv_lines

nasty = st.one_of(st.text(), st.sampled_from(STARTS_A_FORMULA).flatmap(lambda start: st.text().map(start.__add__)))


def read(lines: list[str]) -> list[list[str]]:
    return list(csv.reader(io.StringIO("".join(lines).removeprefix("\ufeff"), newline="")))


@given(st.lists(st.lists(nasty, min_size=1, max_size=4), max_size=5))
def test_no_cell_starts_a_formula_and_none_is_lost(rows: list[list[str]]) -> None:
    found = read(list(csv_lines(["=head"], rows)))
    assert found[0] == ["'=head"]
    for row, shown in zip(rows, found[1:], strict=True):
        assert not any(cell.lstrip(" ").startswith(STARTS_A_FORMULA) for cell in shown)
        assert [cell.replace("\0", "") for cell in row] == [
            cell[1:] if cell[:1] == "'" and was.replace("\0", "")[:1] != "'" else cell
            for cell, was in zip(shown, row, strict=True)
        ]


@given(st.integers(min_value=0, max_value=10**16))
def test_amount_keeps_every_millionth(micros: int) -> None:
    whole, _, places = amount(micros).partition(".")
    assert int(whole + places) == micros
    assert len(places) == 6


@pytest.mark.parametrize(("cell", "shown"), [(None, ""), (0, "0"), ("a,b", "a,b"), ("  =1", "'  =1"), ("-1", "'-1")])
def test_cells_as_they_are_written(cell: object, shown: str) -> None:
    assert read(list(csv_lines(["head"], [[cell, "x"]])))[1] == [shown, "x"]


def test_figure_below_zero_stays_a_number() -> None:
    assert read(list(csv_lines(["head"], [[Figure("-0.25"), "x"]])))[1] == ["-0.25", "x"]
