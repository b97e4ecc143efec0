"""Every field of the form: what is read, what is refused, and that the refusal says what is allowed."""

import pytest
from django.utils import translation

from generations.catalog.capabilities import Capabilities
from generations.catalog.models import Audio
from generations.composer.ask import VideoAsk
from generations.composer.limits import Problem, Refused, no_such_model, read_ask
from tests.composer.conftest import form, make


def problems(data: dict[str, str], can: Capabilities) -> dict[str, str]:
    with pytest.raises(Refused) as refused:
        read_ask(data, can)
    return {problem.field: problem.message for problem in refused.value.problems}


def test_right_form_is_read_whole(can: Capabilities) -> None:
    ask = read_ask(form(prompt="  Dusk\r\nwalk ", seconds=" 15 ", audio="on", seed="7"), can)
    assert ask == VideoAsk(
        prompt="Dusk\nwalk",
        model="seedance-2.0",
        resolution="720p",
        ratio="16:9",
        seconds=15,
        audio=True,
        seed=7,
    )


def test_box_that_is_not_ticked_means_silence_and_empty_seed_means_any(can: Capabilities) -> None:
    ask = read_ask(form(seed=" "), can)
    assert (ask.audio, ask.seed) == (False, None)


def test_empty_form_names_every_field_at_once(can: Capabilities) -> None:
    assert problems({}, can) == {
        "prompt": "Describe the clip in words.",
        "model": "Choose a model of the catalogue.",
        "resolution": "Seedance 2.0 renders at 480p, 720p or 4k.",
        "ratio": "Seedance 2.0 renders in 16:9, 9:16 or 1:1.",
        "seconds": "Seedance 2.0 renders 4 to 15 seconds; give a whole number.",
    }


@pytest.mark.parametrize("typed", ["3", "16", "0", "999999"])
def test_length_that_the_model_lacks_is_refused(can: Capabilities, typed: str) -> None:
    assert problems(form(seconds=typed), can) == {"seconds": "Seedance 2.0 renders 4 to 15 seconds."}


@pytest.mark.parametrize("typed", ["", "5.0", "-5", "+5", "5s", "1e1", "٥", "0x5", "9" * 5000])
def test_length_that_is_no_whole_number_is_refused(can: Capabilities, typed: str) -> None:
    assert problems(form(seconds=typed), can) == {
        "seconds": "Seedance 2.0 renders 4 to 15 seconds; give a whole number."
    }


@pytest.mark.parametrize("typed", ["0", "4294967295"])
def test_seed_at_its_ends_is_read(can: Capabilities, typed: str) -> None:
    assert read_ask(form(seed=typed), can).seed == int(typed)


@pytest.mark.parametrize("typed", ["-1", "4294967296", "7.5", "seven", "٧", "9" * 5000])
def test_seed_outside_its_ends_is_refused(can: Capabilities, typed: str) -> None:
    message = "A seed is a whole number from 0 to 4294967295, or nothing for any."
    assert problems(form(seed=typed), can) == {"seed": message}


def test_seed_of_a_model_that_takes_none_is_refused() -> None:
    can = make(takes_seed=False)
    assert problems(form(seed="7"), can) == {"seed": "Seedance 2.0 takes no seed; leave it empty."}


@pytest.mark.parametrize(
    ("audio", "typed", "heard"),
    [
        (Audio.OPTIONAL, "on", True),
        (Audio.OPTIONAL, "off", False),
        (Audio.SELECTS_SKU, "", False),
        (Audio.SELECTS_SKU, "on", True),
        (Audio.ALWAYS, "", True),
        (Audio.ALWAYS, "on", True),
        (Audio.NONE, "", False),
        (Audio.NONE, "off", False),
    ],
)
def test_audio_follows_the_box_where_there_is_a_choice(audio: Audio, typed: str, heard: bool) -> None:
    assert read_ask(form(audio=typed), make(audio=audio)).audio is heard


@pytest.mark.parametrize(
    ("audio", "typed", "message"),
    [
        (Audio.ALWAYS, "off", "Seedance 2.0 always renders with sound."),
        (Audio.NONE, "on", "Seedance 2.0 renders without sound."),
        (Audio.OPTIONAL, "loud", "Sound is on or off."),
    ],
)
def test_audio_that_the_model_lacks_is_refused(audio: Audio, typed: str, message: str) -> None:
    assert problems(form(audio=typed), make(audio=audio)) == {"audio": message}


def test_model_without_a_price_is_refused() -> None:
    can = make(unpriced=("480p", "720p", "4k"))
    assert problems(form(), can) == {"model": "Seedance 2.0 has no price yet, so it cannot be used."}


def test_resolution_without_a_price_is_refused_and_told_apart() -> None:
    can = make(unpriced=("4k",))
    said = problems(form(resolution="4k"), can)
    assert said == {"resolution": "Seedance 2.0 has no price at 4k yet; choose 480p or 720p."}
    assert problems(form(resolution="8k"), can) == {"resolution": "Seedance 2.0 renders at 480p or 720p."}


def test_unknown_model_is_answered_with_those_there_are() -> None:
    refused = no_such_model(["Seedance 2.0", "MiniMax H3"])
    assert refused.problems == (Problem("model", "Choose one of the models: Seedance 2.0 or MiniMax H3."),)
    assert refused.of("model") == "Choose one of the models: Seedance 2.0 or MiniMax H3."
    assert refused.of("seed") == ""


def test_refusals_are_in_the_readers_language(can: Capabilities) -> None:
    with translation.override("de"):
        assert "oder" in problems(form(ratio="2:1"), can)["ratio"]
