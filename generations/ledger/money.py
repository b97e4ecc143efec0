"""Amounts of money in words: millionths of a dollar to text and back. No database."""

import re
from decimal import ROUND_HALF_UP, Decimal

MICROS = 1_000_000
SIGNS = {"USD": "$", "SBX": "SBX "}


class NotMoney(ValueError):
    """The text is not an amount of money."""


def show(micros: int, currency: str = "USD") -> str:
    """1234567 -> '$1.23'. Below ten cents four places: '$0.0042'; sandbox money as 'SBX 1.23'."""
    places = 4 if 0 < abs(micros) < 100_000 else 2
    amount = (Decimal(abs(micros)) / MICROS).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return f"{'-' if micros < 0 else ''}{SIGNS[currency]}{amount:,}"


def read(text: str) -> int:
    """'1,234.50' or '$3' -> millionths. Raises NotMoney when it is no amount from 0 to 10 million."""
    plain = text.strip().removeprefix("$").replace(",", "")
    if not re.fullmatch(r"\d{1,8}(\.\d{1,6})?", plain, re.ASCII) or Decimal(plain) > 10_000_000:
        raise NotMoney(text)
    return int(Decimal(plain) * MICROS)
