"""@people in a comment: the members of its project, by name or by the first part of their address."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from generations.accounts.models import User


@dataclass(frozen=True, slots=True)
class Part:
    """A run of a comment's text; `is_mention` where it names somebody."""

    text: str
    is_mention: bool = False


def people_in(text: str, people: Iterable[User]) -> list[User]:
    """Those of these people whom the text names, each once."""
    people = list(people)
    found = {name.casefold() for name in _pattern(people).findall(text)} if people else set()
    return [person for person in people if found & {name.casefold() for name in names_of(person)}]


def names_of(person: User) -> list[str]:
    """By what they can be called: 'Ann Lee', 'ann'."""
    return [name for name in (person.name.strip(), person.email.partition("@")[0]) if name]


def parts_of(text: str, named: Sequence[User]) -> list[Part]:
    """The text with the names of those whom it names set apart."""
    if not named:
        return [Part(text)]
    parts, at = [], 0
    for found in _pattern(named).finditer(text):
        parts += [Part(text[at : found.start()]), Part(found.group(), is_mention=True)]
        at = found.end()
    return [part for part in [*parts, Part(text[at:])] if part.text]


def _pattern(people: Iterable[User]) -> re.Pattern[str]:
    """Longest names first, so that @Ann Lee is not read as @Ann."""
    names = sorted({name for person in people for name in names_of(person)}, key=len, reverse=True)
    return re.compile(rf"(?<![\w@.])@({'|'.join(map(re.escape, names))})(?!\w)", re.IGNORECASE)
