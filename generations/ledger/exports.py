"""CSV that a spreadsheet shows as it is: no cell is a formula. Written a row at a time, however many there are."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from decimal import Decimal

from generations.ledger.money import MICROS

STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class Figure(str):
    """An amount of money: a number to every spreadsheet, below zero too."""

    __slots__ = ()


def safe(cell: object) -> str:
    """The cell as text; one that a spreadsheet would take for a formula begins with an apostrophe."""
    if isinstance(cell, Figure):
        return cell
    text = "" if cell is None else str(cell).replace("\0", "")
    return f"'{text}" if text.lstrip(" ").startswith(STARTS_A_FORMULA) else text


def amount(micros: int | None) -> str:
    """334000 -> 0.334000: every millionth, a point, no sign of a currency. None stays empty."""
    return "" if micros is None else Figure(f"{Decimal(micros) / MICROS:.6f}")


class _Line:
    """What csv.writer writes to: keeps only the line just written."""

    text = ""

    def write(self, text: str) -> None:
        self.text = text


def csv_lines(head: Iterable[object], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """The file's lines, each cell made safe; the first marks it as UTF-8."""
    line = _Line()
    writer = csv.writer(line)
    writer.writerow([safe(cell) for cell in head])
    yield f"\ufeff{line.text}"
    for row in rows:
        writer.writerow([safe(cell) for cell in row])
        yield line.text
