"""Mentions: they mean what they meant, whatever is added, removed, moved or undone; sent by the relay's numbers."""

import re
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generations.composer import references

PLACE = st.integers(0, 30)
CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.sampled_from(references.KINDS)),
        st.tuples(st.just("remove"), PLACE),
        st.tuples(st.just("move"), st.tuples(PLACE, PLACE)),
        st.tuples(st.just("undo"), st.just(None)),
    ),
    max_size=30,
)


@dataclass(frozen=True)
class Thing:
    """`media` is what it is; nothing in the code under test sees it."""

    tag: str
    role: str
    media: int = 0


def tray(*tags: str) -> list[Thing]:
    return [Thing(tag, f"reference_{tag.rstrip('0123456789')}") for tag in tags]


class Desk:
    """A tray as a person changes it, and a prompt that mentions everything that was ever in it."""

    def __init__(self) -> None:
        self.tray: list[Thing] = []
        self.past: list[list[Thing]] = []
        self.ever: dict[str, Thing] = {}

    @property
    def prompt(self) -> str:
        return " and ".join(f"@{tag}" for tag in self.ever)

    def change(self, verb: str, what: object) -> None:
        before = list(self.tray)
        if verb == "undo":
            self.tray = self.past.pop() if self.past else self.tray
            return
        if verb == "add":
            tag = references.new_tag(str(what), [*self.ever, *references.mentioned(self.prompt)])
            assert tag not in self.ever
            self.ever[tag] = Thing(tag, f"reference_{what}", media=len(self.ever))
            self.tray.append(self.ever[tag])
        elif self.tray and isinstance(what, int):
            self.tray.pop(what % len(self.tray))
        elif self.tray and isinstance(what, tuple):
            self.tray.insert(what[1] % len(self.tray), self.tray.pop(what[0] % len(self.tray)))
        self.past.append(before)


def meant(sent: str, shown: list[Thing]) -> int:
    """What the relay takes a sent mention for: the n-th of its kind in content order. The contract's own words."""
    kind, number = re.fullmatch(r"@([a-z]+)([0-9]+)", sent).groups()  # type: ignore[union-attr]
    return [thing for thing in shown if thing.role == f"reference_{kind}"][int(number) - 1].media


@given(CHANGES)
@settings(max_examples=300)
def test_mentions_mean_what_they_meant(changes: list[tuple[str, object]]) -> None:
    desk = Desk()
    for verb, what in changes:
        desk.change(verb, what)
        sent = references.resolve(desk.prompt, desk.tray).split(" and ") if desk.ever else []
        for thing, mention in zip(desk.ever.values(), sent, strict=True):
            if thing in desk.tray:
                assert meant(mention, desk.tray) == thing.media
        gone = [tag for tag, thing in desk.ever.items() if thing not in desk.tray]
        assert references.unknown(desk.prompt, desk.tray) == gone
        assert references.unused("", desk.tray) == desk.tray


def test_mentions_are_numbered_by_kind_in_the_order_of_the_tray() -> None:
    shown = tray("image3", "video1", "image1", "audio2")
    assert references.numbers(shown) == {"image3": "image1", "video1": "video1", "image1": "image2", "audio2": "audio1"}
    said = "@image1 on @image3, @VIDEO1 with @audio2."
    assert references.resolve(said, shown) == "@image2 on @image1, @video1 with @audio1."


def test_mentions_swap_at_once() -> None:
    assert references.resolve("@image1 @image2", tray("image2", "image1")) == "@image2 @image1"


def test_frames_have_no_number() -> None:
    shown = [Thing("first", "first_frame"), *tray("image1")]
    assert references.numbers(shown) == {"image1": "image1"}
    assert [thing.tag for thing in references.unused("", shown)] == ["image1"]


@pytest.mark.parametrize(
    "prompt",
    [
        "me@image1.example",
        "@images",
        "@image1s",
        "@image",
        "@@image1",
        "x@image1",
        "@image12345",
        "image1",
        "@{image1}",
        "@picture1",
    ],
)
def test_words_that_are_no_mentions_stay(prompt: str) -> None:
    assert references.mentioned(prompt) == []
    assert references.resolve(prompt, tray("image2", "image1")) == prompt


@pytest.mark.parametrize(
    "prompt", ["@image1", "(@image1)", "@image1's hat", "猫@image1在", "@image1@", "@image1, then"]
)
def test_mentions_stand_beside_signs_and_other_scripts(prompt: str) -> None:
    assert references.resolve(prompt, tray("image2", "image1")) == prompt.replace("image1", "image2")


def test_unknown_mentions_are_said_once_and_left_as_they_are() -> None:
    prompt = "@image1 @image9 @video1 @image9 @image01"
    assert references.unknown(prompt, tray("image1")) == ["image9", "video1", "image01"]
    assert references.resolve(prompt, tray("image1")) == prompt


def test_unused_references_are_said_in_their_order() -> None:
    shown = tray("image2", "image1", "audio1")
    assert [thing.tag for thing in references.unused("@image1", shown)] == ["image2", "audio1"]


def test_new_tag_was_never_anothers() -> None:
    assert references.new_tag("image", []) == "image1"
    assert references.new_tag("image", ["image1", "image7", "video9", "first"]) == "image8"
