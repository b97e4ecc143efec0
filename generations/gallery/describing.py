"""An item's title and tags; the full text follows in the same transaction."""

from __future__ import annotations

from django.db import transaction

from generations.gallery import search
from generations.gallery.models import TITLE_LENGTH, Item

MOST_TAGS = 20
LONGEST_TAG = 40


class TooMany(Exception):
    """More tags, or a longer one, than an item takes; nothing was changed."""


def describe(item: Item, title: str, tags: list[str]) -> None:
    """Another title ('' for the prompt's first words) and these tags. Raises TooMany."""
    if len(tags) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in tags):
        raise TooMany
    item.title, item.tags = " ".join(title.split())[:TITLE_LENGTH], tags
    with transaction.atomic():
        item.save(update_fields=["title", "tags"])
        search.index([item])


def read_tags(typed: str) -> list[str]:
    """'Hero shot, v2, hero shot' -> ['hero shot', 'v2']"""
    each = (" ".join(tag.lower().split()) for tag in typed.replace("\0", "").split(","))
    return list(dict.fromkeys(tag for tag in each if tag))
