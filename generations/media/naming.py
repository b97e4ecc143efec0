"""Readable names: of an asset, and of a file that a browser saves. No file is ever opened by one of them."""

import datetime as dt
from urllib.parse import unquote, urlsplit

from django.utils.text import slugify

WORDS_LENGTH = 48
LONGEST_NAME = 120


def download_name(prompt: str, created_at: dt.datetime, resolution: str, extension: str) -> str:
    """dusk-walk-over-the-harbour-2026-11-22-4k.mp4: the prompt's first words, in any script; safe on every system."""
    ending = slugify(f"{created_at:%Y-%m-%d} {resolution}")
    return f"{_words(prompt)}-{ending}.{slugify(extension)}"


def _words(prompt: str) -> str:
    slug = slugify(prompt[: WORDS_LENGTH * 10], allow_unicode=True)
    if len(slug) > WORDS_LENGTH:
        start, _, _ = slug[: WORDS_LENGTH + 1].rpartition("-")
        slug = start or slug[:WORDS_LENGTH]
    return slug.strip("-_") or "clip"


def asset_name(given: str) -> str:
    """What a browser called the file, as one line without folders: 'C:\\x\\dusk.png' -> 'dusk.png'."""
    last = given.replace("\\", "/").rstrip("/").rpartition("/")[2]
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in last).split())
    return line[:LONGEST_NAME].strip() or "file"


def name_of_address(url: str) -> str:
    """The last part of its path, else its host; nothing of its query, which may hold a secret."""
    parts = urlsplit(url)
    return asset_name(unquote(parts.path) if parts.path.strip("/") else parts.hostname or "")


def asset_download_name(name: str, extension: str) -> str:
    """dusk-over-the-harbour.jpg: the asset's name with the ending that its bytes have."""
    stem, dot, ending = name.rpartition(".")
    return f"{_words(stem if dot and 0 < len(ending) <= 5 else name)}.{slugify(extension)}"
