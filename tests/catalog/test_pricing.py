"""Which sku is asked for and what it costs, against figures reckoned by hand from the contract."""

import pytest

from generations.catalog import pricing
from generations.catalog.models import Price, Sku, Unit, VideoModel
from generations.catalog.pricing import NoPrice, NoSku, cost_micros, is_exact, price_of, sku_for

pytestmark = pytest.mark.usefixtures("shipped")


def sku(name: str, resolution: str, audio: bool = True, **how: str) -> Sku:
    return sku_for(VideoModel.objects.get(name=name), resolution=resolution, audio=audio, **how)


def cost(name: str, resolution: str, seconds: int, ratio: str = "16:9", audio: bool = True) -> int:
    price = price_of(sku(name, resolution, audio))
    return cost_micros(price, seconds=seconds, resolution=resolution, ratio=ratio)


@pytest.mark.parametrize(
    ("name", "resolution", "seconds", "micros"),
    [
        ("seedance-2.0", "720p", 5, 945_000),  # 108,000 tokens at 8.75
        ("seedance-2.0", "4k", 5, 4_860_000),  # 972,000 tokens at 5.00
        ("seedance-2.0", "1080p", 10, 4_677_750),  # 486,000 tokens at 9.625
        ("seedance-2.0-mini", "480p", 5, 210_167),  # 48,037.5 -> 48,038 tokens at 4.375: 210,166.25, rounded up
        ("happyhorse-1.0", "1080p", 7, 973_700),  # 7 s at 0.1391
        ("minimax-h3", "2k", 15, 2_437_500),  # 15 s at 0.1625
        ("grok-imagine-video", "720p", 6, 270_009),  # 129,600 tokens at 2.0834: 270,008.64
    ],
)
def test_cost_is_as_reckoned_by_hand(name: str, resolution: str, seconds: int, micros: int) -> None:
    assert cost(name, resolution, seconds) == micros


def test_cost_counts_the_input_video_too() -> None:
    price = price_of(sku("seedance-2.0", "720p"))
    assert cost_micros(price, seconds=5, resolution="720p", ratio="9:16", input_seconds=2.5) == 1_417_500


def test_cost_of_output_seconds_leaves_the_input_out() -> None:
    price = price_of(sku("happyhorse-1.0", "720p"))
    assert cost_micros(price, seconds=5, resolution="720p", ratio="1:1", input_seconds=9) == 695_500


def test_sound_selects_the_sku_and_halves_the_price() -> None:
    assert sku("seedance-1.5-pro", "720p", True).relay_model == "seedance-1-5-pro-with-audio"
    assert sku("seedance-1.5-pro", "720p", False).relay_model == "seedance-1-5-pro-no-audio"
    assert cost("seedance-1.5-pro", "720p", 5, audio=True) == 2 * cost("seedance-1.5-pro", "720p", 5, audio=False)


def test_input_selects_the_sku_of_happyhorse() -> None:
    names = {kind: sku("happyhorse-1.0", "720p", input=kind).relay_model for kind in ("t2v", "i2v", "video-edit")}
    assert names == {kind: f"happyhorse-1.0-{kind}" for kind in names}
    assert sku("happyhorse-1.0", "720p").relay_model == "happyhorse-1.0-t2v"


@pytest.mark.parametrize(("resolution", "kind"), [("4k", "t2v"), ("720p", "x2v")])
def test_sku_that_is_not_there_is_refused(resolution: str, kind: str) -> None:
    with pytest.raises(NoSku, match=f"happyhorse-1.0 has no sku for {kind} at {resolution}"):
        sku("happyhorse-1.0", resolution, input=kind)


def test_unlisted_sku_is_not_chosen() -> None:
    Sku.objects.filter(resolution="4k").update(is_listed=False)
    with pytest.raises(NoSku):
        sku("seedance-2.0", "4k")


@pytest.mark.parametrize("unit", [Unit.PER_IMAGE, Unit.UNKNOWN])
def test_price_that_is_not_for_clips_is_no_price(unit: Unit) -> None:
    Price.objects.filter(relay_model="doubao-seedance-2-0-4k").update(unit=unit)
    with pytest.raises(NoPrice) as refused:
        price_of(sku("seedance-2.0", "4k"))
    assert refused.value.relay_model == "doubao-seedance-2-0-4k"


def test_cost_of_a_price_that_is_not_for_clips_is_refused() -> None:
    with pytest.raises(NoPrice):
        cost_micros(pricing.in_force()["grok-imagine-image"], seconds=5, resolution="720p", ratio="16:9")


def test_estimate_is_exact_only_where_the_formula_is_published() -> None:
    names = ("seedance-2.0", "happyhorse-1.0", "grok-imagine-video", "grok-imagine-video-1.5-preview")
    assert [is_exact(sku(name, "720p")) for name in names] == [True, True, False, False]
