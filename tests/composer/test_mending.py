"""What another wrote, made a prompt: mentions put back and taken out, wrappings gone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generations.composer.mending import Mended, mend
from generations.composer.references import mentioned


def test_text_with_every_mention_stays_as_it_is() -> None:
    text = "At dusk @image1 waits; @image2, slowly, comes near."
    assert mend("@image2 meets @image1", text, ["image1", "image2"]) == Mended(text)


def test_lost_mention_is_named_at_the_end() -> None:
    assert mend("@image1 and @video1 dance", "Two dance with @image1.", ["image1", "video1"]) == Mended(
        "Two dance with @image1. @video1", lost=("video1",)
    )


def test_invented_mention_is_taken_out_and_one_of_the_tray_stays() -> None:
    said = mend("A fox runs", "A fox, like @image7, runs past @image1.", ["image1"])
    assert said == Mended("A fox, like, runs past @image1.", invented=("image7",))


@pytest.mark.parametrize("text", ['"A fox runs."', "“A fox runs.”", "```\nA fox runs.\n```", "```text\nA fox runs.```"])
def test_wrappings_are_taken_off(text: str) -> None:
    assert mend("A fox", text, []) == Mended("A fox runs.")


def test_quotation_inside_stays() -> None:
    assert mend("He speaks", '"Come," he says, "now."', []).text == '"Come," he says, "now."'


WORDS = st.lists(st.sampled_from(["fox", "@image1", "@image2", "@video3", "me@image1.example", "@images", '"']))


@given(WORDS, WORDS, st.sets(st.sampled_from(["image1", "image2", "video3"])))
def test_mended_mentions_are_those_of_the_prompt_and_of_the_tray(
    prompt: list[str], text: list[str], tags: set[str]
) -> None:
    wanted = mentioned(" ".join(prompt))
    said = mentioned(mend(" ".join(prompt), " ".join(text), tags).text)
    assert set(wanted) <= set(said) <= set(wanted) | tags
