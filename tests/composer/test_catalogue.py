"""The whole shipped catalogue: every allowed combination is read and priced, everything else refused at its field."""

import datetime as dt
import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generations.catalog import capabilities, pricing
from generations.catalog.capabilities import Capabilities
from generations.catalog.importing import import_catalogue
from generations.catalog.models import Audio, Price, VideoModel
from generations.composer.ask import VideoAsk
from generations.composer.examples import SKETCHES, examples_for
from generations.composer.limits import MAX_SEED, Refused, read_ask
from generations.management.commands.import_catalog import SHIPPED
from generations.relay.frames import WIDE

EVERY_RATIO = ("16:9", "9:16", "1:1", "4:3", "3:4", "21:9", "adaptive", "2:1", "")
EVERY_RESOLUTION = (*WIDE, "8k", "720P", "")
HEARD = {Audio.ALWAYS: {"": True}, Audio.NONE: {"": False}}


@pytest.fixture
def cans(db: None) -> list[Capabilities]:
    import_catalogue(SHIPPED.read_text(), source="shipped", now=dt.datetime(2026, 11, 22, tzinfo=dt.UTC))
    return capabilities.listed()


def test_every_allowed_combination_is_read_and_priced(cans: list[Capabilities]) -> None:
    prices = pricing.in_force()
    for can in cans:
        for resolution, (typed, heard) in itertools.product(can.resolutions, _sounds(can).items()):
            price = prices[_relay_model(can, resolution, heard)]
            for ratio, seconds in itertools.product(can.ratios, range(can.min_seconds, can.max_seconds + 1)):
                ask = read_ask(_form(can, resolution, ratio, str(seconds)) | {"audio": typed}, can)
                assert (ask.resolution, ask.ratio, ask.seconds, ask.audio) == (resolution, ratio, seconds, heard)
                assert _cost(price, seconds, resolution, ratio) > 0


def test_everything_else_is_refused_at_its_field(cans: list[Capabilities]) -> None:
    for can in cans:
        right = _form(can, can.resolutions[0], can.ratios[0], str(can.default_seconds))
        wrong = [("resolution", name) for name in EVERY_RESOLUTION if name not in can.resolutions]
        wrong += [("ratio", name) for name in EVERY_RATIO if name not in can.ratios]
        wrong += [("seconds", str(can.min_seconds - 1)), ("seconds", str(can.max_seconds + 1))]
        wrong += [] if can.takes_seed else [("seed", "7")]
        assert [_refused_at(right | {field: typed}, can) for field, typed in wrong] == [[field] for field, _ in wrong]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_form_is_read_or_refused_in_words(cans: list[Capabilities], data: st.DataObject) -> None:
    can = data.draw(st.sampled_from(cans))
    form = {
        "prompt": data.draw(st.text()),
        "model": data.draw(st.sampled_from([can.name, "", "other"])),
        "resolution": data.draw(st.sampled_from(EVERY_RESOLUTION)),
        "ratio": data.draw(st.sampled_from(EVERY_RATIO)),
        "seconds": data.draw(st.integers(-5, 40).map(str) | st.text(max_size=5)),
        "audio": data.draw(st.sampled_from(["", "on", "off"])),
        "seed": data.draw(st.integers(-1, MAX_SEED + 1).map(str) | st.text(max_size=5)),
    }
    said = _answer(form, can)
    if isinstance(said, Refused):
        assert all(problem.message and problem.field in form for problem in said.problems)
    else:
        assert (said.resolution in can.resolutions, said.ratio in can.ratios) == (True, True)
        assert can.min_seconds <= said.seconds <= can.max_seconds


def test_every_model_has_three_examples_that_it_can_render(cans: list[Capabilities]) -> None:
    for can in cans:
        examples = examples_for(can)
        assert len({example.prompt for example in examples}) == 3
        for example in examples:
            assert read_ask(example.data, can).prompt == example.prompt
            assert f"model={can.name}&" in example.query


def test_every_family_of_examples_belongs_to_a_model(cans: list[Capabilities]) -> None:
    assert [name for name in SKETCHES if not any(can.name.startswith(name) for can in cans)] == []


def test_first_example_of_seedance_is_in_4k(cans: list[Capabilities]) -> None:
    assert examples_for(cans[0])[0].data["resolution"] == "4k"


def _form(can: Capabilities, resolution: str, ratio: str, seconds: str) -> dict[str, str]:
    return {"prompt": "Dusk", "model": can.name, "resolution": resolution, "ratio": ratio, "seconds": seconds}


def _sounds(can: Capabilities) -> dict[str, bool]:
    """What may be typed in the box, and whether there is sound then."""
    return HEARD.get(Audio(can.audio), {"": False, "on": True})


def _relay_model(can: Capabilities, resolution: str, heard: bool) -> str:
    model = VideoModel.objects.get(name=can.name)
    return pricing.sku_for(model, resolution=resolution, audio=heard).relay_model


def _cost(price: Price, seconds: int, resolution: str, ratio: str) -> int:
    return pricing.cost_micros(price, seconds=seconds, resolution=resolution, ratio=ratio)


def _answer(data: dict[str, str], can: Capabilities) -> VideoAsk | Refused:
    try:
        return read_ask(data, can)
    except Refused as refused:
        return refused


def _refused_at(data: dict[str, str], can: Capabilities) -> list[str]:
    with pytest.raises(Refused) as refused:
        read_ask(data, can)
    return [problem.field for problem in refused.value.problems]
