"""The tray of chips that a form holds, as text and as values. Mentions and numbers: references.py.

A chip's tag ("image2", typed @image2) is its own for as long as the form lives: sorting the tray changes no tag, and
the tag of a chip that was taken out goes to no other while the prompt still mentions it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from generations.composer.references import mentioned, new_tag

FRAME_TAGS = {"first": "first_frame", "last": "last_frame"}
CHIP = re.compile(r"(image|video|audio)([1-9][0-9]{0,2})|first|last")
MOST_CHIPS = 30  # in a form, whatever the model takes


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing in the tray. One that was taken out stays as a mark that its tag is used."""

    tag: str
    asset: str
    is_out: bool = False

    def __str__(self) -> str:
        return f"{self.tag}:{'-' if self.is_out else ''}{self.asset}"

    @property
    def role(self) -> str:
        return FRAME_TAGS.get(self.tag) or f"reference_{self.kind}"

    @property
    def kind(self) -> str:
        return "image" if self.is_frame else self.tag.rstrip("0123456789")

    @property
    def is_frame(self) -> bool:
        return self.tag in FRAME_TAGS


Tray = tuple[Chip, ...]


def read(text: str) -> Tray:
    """A tray as `write` wrote it; what makes no sense in it, and a tag that comes again, is passed over."""
    chips: dict[str, Chip] = {}
    for word in text.split()[: 2 * MOST_CHIPS]:
        tag, _, asset = word.partition(":")
        if CHIP.fullmatch(tag) and tag not in chips and asset.strip("-"):
            chips[tag] = Chip(tag, asset.lstrip("-"), is_out=asset.startswith("-"))
    return tuple(chips.values())


def write(tray: Tray) -> str:
    return " ".join(map(str, tray))


def present(tray: Tray) -> Tray:
    return tuple(chip for chip in tray if not chip.is_out)


def add(tray: Tray, kind: str, asset: str) -> Tray:
    """With one more chip at the end. Put back, it gets its old tag; what is there already stays as it is."""
    same = next((chip for chip in tray if chip.asset == asset and not chip.is_frame), None)
    if same and same.is_out:
        return (*(chip for chip in tray if chip is not same), replace(same, is_out=False))
    if same or len(present(tray)) >= MOST_CHIPS:
        return tray
    return (*tray, Chip(new_tag(kind, [chip.tag for chip in tray]), asset))


def set_frame(tray: Tray, tag: str, asset: str) -> Tray:
    """With this image as the first or last frame."""
    return (*(chip for chip in tray if chip.tag != tag), Chip(tag, asset))


def remove(tray: Tray, tag: str) -> Tray:
    """A frame goes; a chip leaves the mark of its tag."""
    kept = (chip for chip in tray if chip.tag != tag or not chip.is_frame)
    return tuple(replace(chip, is_out=True) if chip.tag == tag else chip for chip in kept)


def move(tray: Tray, tag: str, by: int) -> Tray:
    """One place to the left (-1) or right (1) among the chips that are there."""
    chips = list(present(tray))
    at = next((place for place, chip in enumerate(chips) if chip.tag == tag), None)
    if at is None or not 0 <= at + by < len(chips):
        return tray
    chips[at], chips[at + by] = chips[at + by], chips[at]
    return (*chips, *(chip for chip in tray if chip.is_out))


def tidy(tray: Tray, prompt: str) -> Tray:
    """Without the marks of tags that the prompt no longer mentions."""
    named = mentioned(prompt)
    return tuple(chip for chip in tray if not chip.is_out or chip.tag in named)
