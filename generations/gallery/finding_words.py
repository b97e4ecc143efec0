"""Items found by words: candidates from the full text, newest first, then filters and sight, then their order."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from generations.gallery import search
from generations.gallery.finding import KEYS, Sort, Wanted, projects_of
from generations.gallery.models import Item
from generations.gallery.query import score, tokens

CANDIDATES = 600  # asked of the full text at a time
MOST_TURNS = 8
MOST_RANKED = 600  # of so many newest matches the best are shown first
TITLE, TAGS, PEOPLE, PROMPT, COMMENTS = 8.0, 6.0, 4.0, 3.0, 1.0


def ids(wanted: Wanted, *, below: int | None = None, limit: int) -> list[int]:
    """Matches in the order that is wanted; `below` an id only when that is by age."""
    if wanted.sort == Sort.NEW:
        return _newest(wanted, below, limit)
    newest = _newest(wanted, None, MOST_RANKED)
    return (_ranked if wanted.sort == Sort.MATCH else _sorted)(wanted, newest)


def _newest(wanted: Wanted, below: int | None, limit: int) -> list[int]:
    found: list[int] = []
    for candidates in _candidates(wanted, below):
        passing = Item.objects.visible_to(wanted.user).filter(wanted.conditions(), pk__in=candidates)
        found += sorted(passing.values_list("pk", flat=True), reverse=True)
        if len(found) >= limit:
            break
    return found[:limit]


def _candidates(wanted: Wanted, below: int | None) -> Iterator[list[int]]:
    marks = list(_marks(wanted))
    for _turn in range(MOST_TURNS):
        found = search.matching(wanted.query, marks, below=below, limit=CANDIDATES)
        if found:
            yield found
        if len(found) < CANDIDATES:
            return
        below = found[-1]


def _marks(wanted: Wanted) -> Iterator[Collection[str]]:
    """What the full text can leave out by itself."""
    if wanted.project:
        yield [f"p{wanted.project.pk}"]
    elif not wanted.user.is_admin:
        seen = projects_of(wanted).values_list("pk", flat=True)
        yield [f"p{pk}" for pk in seen] or ["p0"]
    for sign, row in (("u", wanted.person), ("m", wanted.model)):
        if row:
            yield [f"{sign}{row.pk}"]
    if wanted.kind:
        yield [f"k{wanted.kind}"]


def _sorted(wanted: Wanted, found: list[int]) -> list[int]:
    name = KEYS[wanted.sort]
    return list(Item.objects.filter(pk__in=found).order_by(f"-{name}", "-pk").values_list("pk", flat=True))


def _ranked(wanted: Wanted, found: list[int]) -> list[int]:
    """The best first; of two alike the newer."""
    worth: Mapping[int, float] = {
        pk: score(
            wanted.query,
            [
                (TITLE, tokens(title)),
                (TAGS, tokens(" ".join(tags))),
                (PEOPLE, tokens(f"{name} {email.split('@')[0]}")),
                (PROMPT, tokens(prompt)),
            ],
        )
        for pk, title, tags, prompt, name, email in Item.objects.filter(pk__in=found).values_list(
            "pk", "title", "tags", "job__prompt", "user__name", "user__email"
        )
    }
    return sorted(found, key=lambda pk: (-(worth.get(pk) or COMMENTS), -pk))
