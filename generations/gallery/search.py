"""The one door to full text: SQLite's FTS5 or PostgreSQL's tsvector over titles, tags, prompts and comments.

Both are given tokens that `query.tokens` has made, so that they find the same. A document also has marks that nobody
can type (its project, person, model…), by which a search of few projects stays quick; sight is applied by the caller's
queryset all the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from django.db import connection, transaction

from generations.accounts.models import User
from generations.gallery.comments import Comment
from generations.gallery.models import Item
from generations.gallery.query import Query, Term, tokens

# The same table name on both databases, made by a migration.
FTS_FORGET = "DELETE FROM generations_itemsearch WHERE rowid = %s"
FTS_INSERT = """INSERT INTO generations_itemsearch (rowid, title, tags, prompt, comments, marks)
    VALUES (%s, %s, %s, %s, %s, %s)"""
FTS_FIND = """SELECT rowid FROM generations_itemsearch WHERE generations_itemsearch MATCH %s AND rowid < %s
    ORDER BY rowid DESC LIMIT %s"""
VECTOR_INSERT = """INSERT INTO generations_itemsearch (item_id, document) VALUES (%s, %s::tsvector)
    ON CONFLICT (item_id) DO UPDATE SET document = excluded.document"""
VECTOR_FIND = """SELECT item_id FROM generations_itemsearch WHERE document @@ %s::tsquery AND item_id < %s
    ORDER BY item_id DESC LIMIT %s"""
LAST = 2**62
FIELDS = ("title", "tags", "prompt", "comments")
WEIGHTS = dict(zip(FIELDS, "ABCD", strict=True))
GAP = "·"  # between two texts of a field: no phrase spans them
MOST_TOKENS = 2000
MOST_PEOPLE = 50


def index(items: Iterable[Item]) -> None:
    """Makes these items' documents anew; called in the transaction that changed their words."""
    ids = [item.pk for item in items]
    written = _written(ids)
    rows = [(item, _document(item, written.get(item.pk, ()))) for item in Item.objects.for_tile().filter(pk__in=ids)]
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.executemany(FTS_FORGET, [(pk,) for pk in ids])
            cursor.executemany(FTS_INSERT, [_fts_row(item, document) for item, document in rows])
        else:
            cursor.executemany(VECTOR_INSERT, [(item.pk, _vector(item, document)) for item, document in rows])


def _written(ids: Collection[int]) -> dict[int, list[str]]:
    """What was said of them."""
    found: dict[int, list[str]] = {}
    said = Comment.objects.present().filter(item__in=ids).order_by("created_at")
    for item_id, text in said.values_list("item", "text"):
        found.setdefault(item_id, []).append(text)
    return found


def _document(item: Item, written: Sequence[str]) -> dict[str, list[str]]:
    """field -> tokens"""
    texts: dict[str, Sequence[str]] = {
        "title": [item.title],
        "tags": item.tags,
        "prompt": [item.job.prompt],
        "comments": written,
    }
    return {name: _joined(texts[name]) for name in FIELDS}


def _joined(texts: Sequence[str]) -> list[str]:
    joined: list[str] = []
    for text in texts:
        joined += [GAP, *tokens(text)] if joined else tokens(text)
    return joined[:MOST_TOKENS]


def marks_of(item: Item) -> list[str]:
    """What a document says of its item beside words; none of it ever changes."""
    return ["all", f"p{item.project_id}", f"u{item.user_id}", f"m{item.model_id}", f"k{item.kind}"]


def _fts_row(item: Item, document: Mapping[str, list[str]]) -> tuple[int | str, ...]:
    return (item.pk, *(" ".join(document[name]) for name in FIELDS), " ".join(marks_of(item)))


def _vector(item: Item, document: Mapping[str, list[str]]) -> str:
    """A tsvector as it is written; tokens have neither quotes nor backslashes."""
    parts, position = [f"'|{mark}'" for mark in marks_of(item)], 0
    for name in FIELDS:
        for token in document[name]:
            position += 1
            parts += [f"'{token}':{min(position, 16383)}{WEIGHTS[name]}"] if token != GAP else []
        position += 10
    return " ".join(parts)


def matching(query: Query, marks: Sequence[Collection[str]], *, below: int | None, limit: int) -> list[int]:
    """Ids of items that match, the newest first, below an id; each set of `marks` must be met by one of its marks."""
    is_sqlite = connection.vendor == "sqlite"
    asked = (_fts_query if is_sqlite else _ts_query)(query, marks, _people(query))
    with connection.cursor() as cursor:
        cursor.execute(FTS_FIND if is_sqlite else VECTOR_FIND, [asked, LAST if below is None else below, limit])
        return [int(row[0]) for row in cursor.fetchall()]


def _people(query: Query) -> dict[Term, list[str]]:
    """For each term the marks of the persons whose name, or address before the @, has it."""
    terms = {term for clause in query.clauses for term in clause} | set(query.without)
    found: dict[Term, list[str]] = {}
    for pk, name, email in User.objects.values_list("pk", "name", "email"):
        words = tokens(f"{name} {email.split('@')[0]}")
        for term in terms:
            if term.is_in(words):
                found.setdefault(term, []).append(f"u{pk}")
    return {term: people[:MOST_PEOPLE] for term, people in found.items()}


def _fts_query(query: Query, marks: Sequence[Collection[str]], people: Mapping[Term, list[str]]) -> str:
    def one(term: Term) -> str:
        words = f'{{{" ".join(FIELDS)}}} : "{" ".join(term.tokens)}"{"*" if term.is_start else ""}'
        return " OR ".join([f"({words})", *(f'(marks : "{mark}")' for mark in people.get(term, ()))])

    needed = [" OR ".join(f'(marks : "{mark}")' for mark in each) for each in (["all"], *marks)]
    needed += [" OR ".join(map(one, clause)) for clause in query.clauses]
    asked = " AND ".join(f"({each})" for each in needed)
    return f"({asked})" + "".join(f" NOT ({one(term)})" for term in query.without)


def _ts_query(query: Query, marks: Sequence[Collection[str]], people: Mapping[Term, list[str]]) -> str:
    def one(term: Term) -> str:
        *first, last = term.tokens
        words = " <-> ".join([*(f"'{token}'" for token in first), f"'{last}'{':*' if term.is_start else ''}"])
        return " | ".join([f"({words})", *(f"'|{mark}'" for mark in people.get(term, ()))])

    needed = [" | ".join(f"'|{mark}'" for mark in each) for each in (["all"], *marks)]
    needed += [" | ".join(map(one, clause)) for clause in query.clauses]
    needed += [f"!({one(term)})" for term in query.without]
    return " & ".join(f"({each})" for each in needed)
