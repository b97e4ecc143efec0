"""The readable name under which a clip is saved by a browser."""

import datetime as dt

from django.utils.text import slugify

WORDS_LENGTH = 48


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
