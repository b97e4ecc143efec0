"""What a prompt may not hold; and that prose with dashes passes."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generations.composer.prompt import MAX_CHARACTERS, BadPrompt, read_prompt, smuggled

SMUGGLED = [
    "a cat --rs 1080p",
    "--resolution 4k",
    "a cat --rs",
    "a cat --RS 1080p",
    "a cat --dur 10",
    "a cat --duration=10",
    "a cat --ratio:9:16",
    "a cat --rt 9:16, calm",
    "a cat --seed 7",
    "a cat --fps 60",
    "a cat --wm false",
    "a cat --cf true",
    "a cat --camera_fixed true",
    "a cat --camera-fixed true",
    "a cat --generate_audio true",
    "a cat ---dur 10",
    "a cat\n--dur 10",
    "a cat\t--dur10",
    "a cat\u00a0--dur 10",
    "a cat (--dur 10)",
    "a cat --stylize 100",
    "a cat --v 6",
    "a cat --anything",
    "a cat--rs 1080p",
    "a cat.--duration 10",
    "a cat--seed=7",
    "猫--dur 10",
    "a cat —rs 1080p",
    "a cat –rs 1080p",
    "a cat —dur 10",
    "a cat — —dur 10",
    "a cat ——dur 10",
    "a cat —resolution 4k",
    "a cat –ratio adaptive",
    "a cat \u2212\u2212rs 1080p",
    "a cat \u2010\u2010rs 1080p",
    "a cat \u2011\u2011rs 1080p",
    "a cat -\u2010rs 1080p",
    "a cat -—rs 1080p",
    "a cat ﹣﹣rs 1080p",
    "a cat －－rs 1080p",
    "a cat －－ｒｓ １０８０ｐ",
    "a cat ➖➖dur 10",
    "a cat -\u200b-rs 1080p",
    "a cat --\u200brs 1080p",
    "a cat --r\u00ads 1080p",
    "a cat --rs --dur",
    "a cat--rs--dur 5",
]

PROSE = [
    "A boat -- slow, drifting -- at dusk",
    "A boat--slow and drifting--at dusk",
    "The harbour — dusk — rain",
    "The harbour—dusk—rain",
    "The harbour –dusk",
    "The sower—seed in hand—walks the field",
    "Two frames—duration unknown",
    "A model — ratio of gold to blue",
    "A well-known camera-fixed look",
    "- a list\n- of things\n-- and another",
    "5-10 seconds, 16:9, 4k",
    "a -rs b",
    "猫——种子在手",
    "harbour —durée inconnue",
    "<!-- not shown -->",
    "----------",
    "x -> y --> z",
    "2010–2020",
    "e--mail",
]


@pytest.mark.parametrize("prompt", SMUGGLED)
def test_parameter_in_the_text_is_refused(prompt: str) -> None:
    with pytest.raises(BadPrompt, match="in the prompt would set a parameter: use the fields below"):
        read_prompt(prompt)


@pytest.mark.parametrize("prompt", PROSE)
def test_prose_with_dashes_passes_as_typed(prompt: str) -> None:
    assert read_prompt(prompt) == prompt


def test_refusal_names_each_parameter_once() -> None:
    with pytest.raises(BadPrompt, match=r"^--dur, --rs and --seed in the prompt"):
        read_prompt("a --dur 5 --rs 4k —seed 7 --dur 9")


@pytest.mark.parametrize("typed", ["", "  \r\n\t", "\u200b\u2060", "\u00a0\u3000", "\0"])
def test_prompt_without_a_word_is_refused(typed: str) -> None:
    with pytest.raises(BadPrompt, match="Describe the clip in words"):
        read_prompt(typed)


@pytest.mark.parametrize("odd", ["\0", "\x1b[2J", "\x07", "\x7f", "\x85", "\x0b", "\ud800"])
def test_control_characters_are_refused(odd: str) -> None:
    with pytest.raises(BadPrompt, match="only text, tabs and line breaks are allowed"):
        read_prompt(f"a cat{odd}sits")


@pytest.mark.parametrize(
    "fine", ["👩‍👩‍👧 wave", "tab\there", "naïve café", "مرحبا", "@image1 sits", "50 % off", "[refuse]", "猫", "1"]
)
def test_words_of_every_kind_pass(fine: str) -> None:
    assert read_prompt(fine) == fine


def test_length_is_counted_as_sent() -> None:
    longest = "line\n" * (MAX_CHARACTERS // 5 - 1) + "lines"
    assert len(read_prompt(longest.replace("\n", "\r\n"))) == MAX_CHARACTERS
    with pytest.raises(BadPrompt, match="The prompt has 4,001 characters; at most 4,000 are allowed"):
        read_prompt(longest + "!")


@pytest.mark.parametrize("unit", ["-", "—", "-a", "--a_", "- -", "—seed ", "\ufdfa"])
def test_longest_prompts_are_read_at_once(unit: str) -> None:
    began = time.perf_counter()
    smuggled((unit * MAX_CHARACTERS)[:MAX_CHARACTERS])
    assert time.perf_counter() - began < 1


@given(st.text())
def test_any_text_is_refused_or_read_the_same_twice(typed: str) -> None:
    try:
        read = read_prompt(typed)
    except BadPrompt:
        return
    assert read_prompt(read) == read


@given(
    st.text(alphabet="abc 12.,\n", max_size=40),
    st.sampled_from(["--", "—", "–", "－－"]),
    st.sampled_from(["rs", "dur"]),
)
def test_parameter_after_any_text_is_found(before: str, dashes: str, name: str) -> None:
    assert smuggled(f"{before} {dashes}{name} 9") == [f"--{name}"]
