"""Named blanks in a prompt, written {{subject}}: found, and filled with words. Pure Python."""

from __future__ import annotations

import re
from collections.abc import Mapping

BLANK = re.compile(r"\{\{\s*([^\W_](?:[\w -]{0,38}[^\W_])?)\s*\}\}")


def names(prompt: str) -> list[str]:
    """Each once, as first named."""
    return list(dict.fromkeys(BLANK.findall(prompt)))


def filled(prompt: str, words: Mapping[str, str]) -> str:
    """Every blank that has words; one that has none stays as it is. What was filled in is not looked at again."""
    return BLANK.sub(lambda found: words.get(found[1], "").strip() or found[0], prompt)
