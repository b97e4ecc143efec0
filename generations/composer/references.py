"""References in a prompt: mentions by a tag that stays its own, and the relay's numbers made of the order when sent.

`@image2` in a stored prompt means the thing in the tray whose tag is image2, wherever it stands; in the prompt that is
sent it means the second image. Limits: showing.py.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Protocol

KINDS = ("image", "video", "audio")
# A mention stands by itself: not in an address (me@image1.example), not at the head of a longer word (@images).
MENTION = re.compile(r"(?<![A-Za-z0-9_@.])@(image|video|audio)([0-9]{1,4})(?![A-Za-z0-9_])", re.IGNORECASE)


class Shown(Protocol):
    """One thing in the tray: role as the relay calls it."""

    @property
    def tag(self) -> str: ...
    @property
    def role(self) -> str: ...


def mentioned(prompt: str) -> list[str]:
    """The tags that the prompt mentions, each once, as first mentioned."""
    return list(dict.fromkeys(_tag(found) for found in MENTION.finditer(prompt)))


def numbers(given: Iterable[Shown]) -> dict[str, str]:
    """tag -> how the relay calls it: per kind, in the order of the tray. Frames have no number.

    Source: contract, Submit.
    """
    counts: Counter[str] = Counter()
    names = {}
    for each in given:
        prefix, _, kind = str(each.role).partition("_")
        if prefix == "reference":
            counts[kind] += 1
            names[each.tag] = f"{kind}{counts[kind]}"
    return names


def resolve(prompt: str, given: Sequence[Shown]) -> str:
    """The prompt as it is sent: every mention by the relay's number. One that names nothing stays as it is."""
    names = numbers(given)
    return MENTION.sub(lambda found: f"@{names[_tag(found)]}" if _tag(found) in names else found[0], prompt)


def unknown(prompt: str, given: Sequence[Shown]) -> list[str]:
    """Tags that are mentioned and name nothing in the tray."""
    names = numbers(given)
    return [tag for tag in mentioned(prompt) if tag not in names]


def unused[T: Shown](prompt: str, given: Sequence[T]) -> list[T]:
    """References that the prompt does not mention."""
    names, said = numbers(given), mentioned(prompt)
    return [each for each in given if each.tag in names and each.tag not in said]


def new_tag(kind: str, taken: Iterable[str]) -> str:
    """A tag for one more of this kind: one past the highest that was ever used, also in the prompt.

    `taken` are the tags of the tray, of what was removed from it, and those that the prompt mentions.
    """
    found = [int(tag.removeprefix(kind)) for tag in taken if re.fullmatch(rf"{kind}[0-9]{{1,4}}", tag)]
    return f"{kind}{max(found, default=0) + 1}"


def _tag(found: re.Match[str]) -> str:
    return f"{found[1].lower()}{found[2]}"
