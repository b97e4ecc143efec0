"""Typed reading of JSON that others write: every value checked, every fault named by its place. No database."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

MICROS = 1_000_000
MAX_USD = 1_000_000


class BadFile(ValueError):
    """The file is not what it should be; the message is one line that names the place."""


@dataclass(frozen=True, slots=True)
class Fields:
    """One JSON object and where it stands, such as `video[2]`."""

    values: dict[str, object]
    place: str

    @classmethod
    def of(cls, value: object, place: str) -> Fields:
        if not isinstance(value, dict):
            raise BadFile(f"{place or 'the file'} must be a JSON object")
        return cls(value, place)

    def bad(self, name: str, rule: str) -> BadFile:
        return BadFile(f"{self.place}.{name} {rule}" if self.place else f"{name} {rule}")

    def get(self, name: str) -> object:
        return self.values.get(name)

    def text(self, name: str, longest: int, default: str | None = None) -> str:
        value = self.values.get(name, default)
        if value is None or (value != default and not _is_text(value, longest)):
            raise self.bad(name, f"must be text of at most {longest} characters")
        return str(value)

    def yes_or_no(self, name: str) -> bool:
        value = self.values.get(name, False)
        if not isinstance(value, bool):
            raise self.bad(name, "must be true or false")
        return value

    def objects(self, name: str) -> list[Fields]:
        """The objects in a list; none when the list is left out."""
        value = self.values.get(name, [])
        if not isinstance(value, list):
            raise self.bad(name, "must be a list")
        where = f"{self.place}.{name}" if self.place else name
        return [Fields.of(item, f"{where}[{index}]") for index, item in enumerate(value)]

    def texts(self, name: str, longest: int) -> list[str]:
        value = self.values.get(name)
        if not isinstance(value, list) or not value or not all(_is_text(item, longest) for item in value):
            raise self.bad(name, f"must be a list of texts of at most {longest} characters")
        if len(set(value)) != len(value):
            raise self.bad(name, "names something twice")
        return value

    def micros(self, name: str) -> int | None:
        """An exact amount of dollars, '8.75', in millionths; None where the file knows none."""
        value = self.values.get(name)
        if value is None:
            return None
        plain = value if isinstance(value, str) else _plain_number(value)
        if not re.fullmatch(r"[0-9]{1,7}(\.[0-9]{1,6})?", plain) or Decimal(plain) > MAX_USD:
            raise self.bad(name, 'must be dollars with at most six decimals, such as "8.75"')
        return int(Decimal(plain) * MICROS)

    def number(self, name: str, default: Decimal | None = None) -> Decimal:
        """A ratio or an amount as the relay gives it: any number from 0 to a million."""
        value = self.values.get(name, default)
        plain = (
            Decimal(str(value)) if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else None
        )
        if plain is None or not plain.is_finite() or not 0 <= plain <= MAX_USD:
            raise self.bad(name, f"must be a number from 0 to {MAX_USD}")
        return plain


def whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def load(text: str) -> object:
    """JSON with its decimals exact. Raises BadFile."""
    try:
        return json.loads(text, parse_float=Decimal)
    except json.JSONDecodeError as error:
        raise BadFile(f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from None
    except (ValueError, RecursionError):
        raise BadFile("not JSON that can be read") from None


def to_micros(dollars: Decimal) -> int:
    """Rounded half up to a whole millionth. Raises BadFile above a million dollars."""
    if dollars > MAX_USD:
        raise BadFile(f"a price of {dollars:.0f} dollars is out of reach")
    return int((dollars * MICROS).quantize(Decimal(1), ROUND_HALF_UP))


def _is_text(value: object, longest: int) -> bool:
    """Text that every database keeps: no NUL, no half of a letter."""
    if not isinstance(value, str) or not 0 < len(value) <= longest or "\0" in value:
        return False
    return value.encode("utf-8", "replace").decode() == value


def _plain_number(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return ""
    number = Decimal(value)
    return format(number, "f") if number.is_finite() and abs(number.adjusted()) < 10 else ""
