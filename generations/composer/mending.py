"""A text that another wrote, made a prompt that can stand for ours: no mention lost, none invented. Pure Python."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from generations.composer.references import MENTION, mentioned

QUOTES = {'"': '"', "“": "”", "'": "'", "«": "»", "`": "`"}
FENCE = re.compile(r"\A```[a-z]*\n(.*?)\n?```\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Mended:
    """The text, and which tags had to be put back or taken out."""

    text: str
    lost: tuple[str, ...] = ()
    invented: tuple[str, ...] = ()


def mend(prompt: str, text: str, tags: Collection[str]) -> Mended:
    """`text` with every mention of `prompt`, and with none but those and `tags`: what can be mentioned at all.

    What was lost is named at the end, what was invented is taken out.
    """
    wanted = mentioned(prompt)
    said = bare(text)
    invented = [tag for tag in mentioned(said) if tag not in wanted and tag not in tags]
    for tag in invented:
        said = _without(said, tag)
    lost = [tag for tag in wanted if tag not in mentioned(said)]
    if lost:
        said = f"{said} {' '.join(f'@{tag}' for tag in lost)}".strip()
    return Mended(said, tuple(lost), tuple(invented))


def bare(text: str) -> str:
    """Without the quotation marks, or the fence, in which a model likes to wrap its answer."""
    said = text.strip()
    if fenced := FENCE.match(said):
        said = fenced[1].strip()
    if len(said) > 1 and QUOTES.get(said[0]) == said[-1] and said[-1] not in said[1:-1]:
        said = said[1:-1].strip()
    return said


def _without(text: str, tag: str) -> str:
    """The mention goes with the blank before it."""
    pattern = re.compile(r"[ \t]*" + MENTION.pattern, re.IGNORECASE)
    return pattern.sub(lambda found: "" if f"{found[1].lower()}{found[2]}" == tag else found[0], text).strip()
