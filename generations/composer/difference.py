"""What changed between two texts, word by word. Pure Python; how it is shown is the page's matter."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

PIECES = re.compile(r"\s+|@?\w+(?:['’\-]\w+)*|[^\w\s]")


class Kind(StrEnum):
    SAME = "same"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Part:
    """A run of words that both texts have, or only the old one, or only the new one."""

    kind: Kind
    text: str


def between(old: str, new: str) -> list[Part]:
    """The parts in reading order, what went before what came: same + gone give `old` back, same + new give `new`."""
    before, after = PIECES.findall(old), PIECES.findall(new)
    parts: list[Part] = []
    for does, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if does == "equal":
            parts.append(Part(Kind.SAME, "".join(before[i:j])))
            continue
        parts += [Part(Kind.GONE, "".join(before[i:j]))] if i < j else []
        parts += [Part(Kind.NEW, "".join(after[k:m]))] if k < m else []
    return parts
