"""A change of the model: nothing typed is lost that the new model can do, and what is lost is told."""

from hypothesis import given
from hypothesis import strategies as st

from generations.catalog.models import Audio
from generations.composer.fit import fit
from generations.composer.limits import read_ask
from tests.composer.conftest import form, make


def test_empty_form_gets_the_defaults_and_nothing_is_called_changed() -> None:
    fitted = fit({}, make())
    assert fitted.data == {
        "prompt": "",
        "model": "seedance-2.0",
        "resolution": "720p",
        "ratio": "16:9",
        "seconds": "5",
        "seed": "",
        "audio": "on",
    }
    assert fitted.changed == ()


def test_what_the_new_model_can_do_is_kept() -> None:
    typed = form(prompt=" as typed\r\n", resolution="4k", ratio="1:1", seconds="12", seed="7", audio="on")
    fitted = fit(typed, make(name="other"))
    assert fitted.data == typed | {"model": "other"}
    assert fitted.changed == ()


def test_what_it_cannot_do_becomes_its_default_and_is_named() -> None:
    typed = form(resolution="8k", ratio="21:9", seconds="30", seed="7", audio="on")
    fitted = fit(typed, make(takes_seed=False, audio=Audio.NONE))
    assert fitted.data == form(seed="")
    assert fitted.changed == ("resolution", "ratio", "seconds", "seed", "audio")


def test_resolution_without_a_price_is_not_kept() -> None:
    fitted = fit(form(resolution="4k"), make(unpriced=("4k",)))
    assert (fitted.data["resolution"], fitted.changed) == ("720p", ("resolution",))


def test_silence_is_kept_where_there_is_a_choice_and_told_where_not() -> None:
    assert "audio" not in fit(form(), make(audio=Audio.SELECTS_SKU)).data
    always = fit(form(), make(audio=Audio.ALWAYS))
    assert (always.data["audio"], always.changed) == ("on", ("audio",))


@given(
    st.dictionaries(
        st.sampled_from(["resolution", "ratio", "seconds", "seed", "audio", "model"]), st.text(max_size=12)
    ),
    st.sampled_from(list(Audio)),
    st.booleans(),
)
def test_fitted_form_is_always_accepted(typed: dict[str, str], audio: Audio, takes_seed: bool) -> None:
    can = make(audio=audio, takes_seed=takes_seed, unpriced=("480p",))
    data = fit(typed | {"prompt": "Dusk"}, can).data
    assert read_ask(data, can).model == can.name
    assert fit(data, can).data == data
    assert fit(data, can).changed == ()
