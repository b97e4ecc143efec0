"""Chips, mentions, numbers: for any sequence of presses each mention means what it meant."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from generations.composer import references
from generations.composer import tray as chips

ASSETS = st.sampled_from(["a", "b", "c", "d"])
TAGS = st.sampled_from([f"{kind}{number}" for kind in ("image", "video") for number in range(1, 5)])
PRESSES = st.lists(
    st.one_of(
        st.tuples(st.just("add"), ASSETS),
        st.tuples(st.just("remove"), TAGS),
        st.tuples(st.sampled_from(["left", "right"]), TAGS),
    ),
    max_size=30,
)


def pressed(tray: chips.Tray, verb: str, name: str) -> chips.Tray:
    if verb == "add":
        return chips.add(tray, "video" if name == "d" else "image", name)
    if verb == "remove":
        return chips.remove(tray, name)
    return chips.move(tray, name, -1 if verb == "left" else 1)


@given(PRESSES)
def test_mentions_mean_what_they_meant(presses: list[tuple[str, str]]) -> None:
    prompt = " ".join(f"@{kind}{number}" for kind in ("image", "video") for number in range(1, 5))
    tray: chips.Tray = ()
    meant: dict[str, str] = {}
    for verb, name in presses:
        tray = chips.read(chips.write(chips.tidy(pressed(tray, verb, name), prompt)))
        for chip in chips.present(tray):
            assert meant.setdefault(chip.tag, chip.asset) == chip.asset


@given(PRESSES)
def test_numbers_follow_the_order_of_each_kind(presses: list[tuple[str, str]]) -> None:
    tray: chips.Tray = ()
    for verb, name in presses:
        tray = pressed(tray, verb, name)
    here = chips.present(tray)
    for kind in ("image", "video"):
        names = [references.numbers(here)[chip.tag] for chip in here if chip.kind == kind]
        assert names == [f"{kind}{number}" for number in range(1, len(names) + 1)]


def test_nonsense_in_a_tray_is_passed_over() -> None:
    text = "image1:a image1:b nonsense image0:c first:d : image2: <b>:e"
    assert chips.write(chips.read(text)) == "image1:a first:d"
