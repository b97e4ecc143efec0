"""What a person types into the search box, as a question: words, "phrases", wor*, OR, -not. Pure Python, any text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

LONGEST_QUERY = 300
MOST_TERMS = 24
LONGEST_TOKEN = 60
WORD = re.compile(r'(-?)(?:"([^"]*)"?|([^\s"]+))')
UNSPACED = re.compile(r"([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff])")  # written without spaces: each sign is a token


def tokens(text: str) -> list[str]:
    """Letters and digits in runs, without case and accents: 'Café-Noir 4K' -> cafe, noir, 4k."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = (letter for letter in plain if not unicodedata.combining(letter))
    line = "".join(letter if letter.isalnum() else " " for letter in kept)
    return [token[:LONGEST_TOKEN] for token in UNSPACED.sub(r" \1 ", line).split()]


@dataclass(frozen=True, slots=True)
class Term:
    """Tokens that stand next to each other; `is_start`: the last one may go on."""

    tokens: tuple[str, ...]
    is_start: bool = False

    def is_in(self, words: Sequence[str]) -> bool:
        """Whether these tokens have it: what the databases are asked, said once more for ranking and tests."""
        length = len(self.tokens)
        return any(self._fits(words[at : at + length]) for at in range(len(words) - length + 1))

    def _fits(self, words: Sequence[str]) -> bool:
        *first, last = self.tokens
        return list(words[:-1]) == first and (words[-1].startswith(last) if self.is_start else words[-1] == last)


@dataclass(slots=True)
class Query:
    """Every clause must hold, by one of its terms; no term of `without` may."""

    clauses: list[tuple[Term, ...]] = field(default_factory=list)
    without: list[Term] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.clauses or self.without)


def read(typed: str) -> Query:
    """Never fails: what can't be understood is taken as words, and signs are nothing."""
    query, joins = Query(), False
    for part in _parts(typed[:LONGEST_QUERY]):
        if part is None:
            joins = bool(query.clauses)
            continue
        minus, term = part
        if minus:
            query.without.append(term)
        elif joins:
            query.clauses[-1] += (term,)
        else:
            query.clauses.append((term,))
        joins = False
    return query


def _parts(typed: str) -> Iterator[tuple[bool, Term] | None]:
    """Whether it is excluded and the term; None for OR."""
    count = 0
    for minus, phrase, word in WORD.findall(typed):
        if word == "OR" and not minus:
            yield None
        elif (found := tokens(phrase or word)) and count < MOST_TERMS:
            count += 1
            yield bool(minus), Term(tuple(found), is_start=word.endswith("*"))


def score(query: Query, fields: Sequence[tuple[float, Sequence[str]]]) -> float:
    """How well an item fits, from its fields' tokens, each with its weight; longer texts count for less."""
    total = 0.0
    for clause in query.clauses:
        total += max((_worth(term, weight, words) for term in clause for weight, words in fields), default=0.0)
    plain = tuple(token for clause in query.clauses for token in clause[0].tokens)
    together = Term(plain)
    near = [weight for weight, words in fields if len(plain) > 1 and together.is_in(words)]
    return total + max(near, default=0.0)


def _worth(term: Term, weight: float, words: Sequence[str]) -> float:
    return weight / (1 + len(words) / 50) if term.is_in(words) else 0.0
