"""The catalogue as the sandbox reads it: models, price list, limits, bills."""

from typing import Any

import pytest

from generations.relay.wire import Reference, VideoRequest
from generations.sandbox.menu import Bill, Menu
from generations.sandbox.messages import Complaint
from generations.sandbox.server import CATALOG
from tests.sandbox.talking import image, wish

MENU = Menu.from_file(CATALOG)
VIDEO = Reference(type="video_url", url="https://example.org/a.mp4", role="reference_video")
AUDIO = Reference(type="audio_url", url="https://example.org/a.mp3", role="reference_audio")
UPSCALE = "seedance-upscale-720p"
HORSE, MINIMAX, PRO = "happyhorse-1.0-t2v", "minimax-h3-768p", "seedance-1-5-pro-no-audio"


def test_models_are_those_that_can_be_made() -> None:
    names = [model["id"] for model in MENU.models()["data"]]
    assert len(names) == len(set(names)) == 23
    assert {"doubao-seedance-2-0-4k", "grok-imagine-image", "grok-4.3", UPSCALE} - {*names} == set()
    assert "seedance-upscale-4k" not in names


def test_pricing_is_in_the_relays_form() -> None:
    rows = {row["model_name"]: row for row in MENU.pricing()["data"]}
    assert rows["doubao-seedance-2-0-4k"]["model_ratio"] * 2 == 5.0
    assert (rows[HORSE]["quota_type"], rows[HORSE]["model_price"]) == (1, 0.1391)
    assert (rows["grok-4.3"]["model_ratio"], rows["grok-4.3"]["completion_ratio"]) == (0.5625, 2.0)
    assert rows["grok-imagine-image"]["model_price"] == 0.018
    assert UPSCALE not in rows


@pytest.mark.parametrize(
    "asked",
    [
        wish(ratio="adaptive", generate_audio=True, seed=7, watermark=True),
        wish(content=(image(),) * 9),
        wish(content=(image("first_frame"), image("last_frame"))),
        wish(model=HORSE, resolution="1080p", generate_audio=True),
        wish(model="happyhorse-1.0-i2v", content=(image("first_frame"),)),
        wish(model="happyhorse-1.0-r2v", content=(image(),)),
        wish(model=PRO, resolution="1080p", generate_audio=False),
        wish(model="doubao-seedance-2-5-720p", seconds=30),
        wish(content=(VIDEO,) * 3 + (AUDIO,) * 3 + (image(),) * 6),
        wish(model=UPSCALE, prompt="", content=(VIDEO,)),
    ],
)
def test_check_allows_what_the_catalogue_allows(asked: VideoRequest) -> None:
    assert MENU.check(asked).id == asked.model


@pytest.mark.parametrize(
    ("overrides", "status", "param"),
    [
        ({"model": "gpt-video"}, 404, "model"),
        ({"model": "seedance-upscale-4k"}, 404, "model"),
        ({"prompt": "  "}, 400, "prompt"),
        ({"seconds": 3}, 400, "seconds"),
        ({"seconds": 16}, 400, "seconds"),
        ({"ratio": "2:1"}, 400, "metadata.ratio"),
        ({"model": HORSE, "ratio": "adaptive"}, 400, "metadata.ratio"),
        ({"resolution": "4k"}, 400, "metadata.resolution"),
        ({"seed": 2**32}, 400, "metadata.seed"),
        ({"seed": -2}, 400, "metadata.seed"),
        ({"model": MINIMAX, "seed": 1}, 400, "metadata.seed"),
        ({"model": MINIMAX, "generate_audio": False}, 400, "metadata.generate_audio"),
        ({"model": PRO, "generate_audio": True}, 400, "metadata.generate_audio"),
        ({"model": HORSE, "camera_fixed": True}, 400, "metadata.camera_fixed"),
        ({"content": (image(),) * 10}, 400, "metadata.content"),
        ({"content": (image("first_frame"),) * 2}, 400, "metadata.content"),
        ({"content": (image("last_frame"),)}, 400, "metadata.content"),
        ({"content": (image("first_frame"), image())}, 400, "metadata.content"),
        ({"content": (image("reference_video"),)}, 400, "metadata.content"),
        ({"model": PRO, "content": (image(),)}, 400, "metadata.content"),
        ({"model": HORSE, "content": (image(),)}, 400, "metadata.content"),
        ({"model": "happyhorse-1.0-video-edit"}, 400, "metadata.content"),
        ({"content": (VIDEO,) * 4}, 400, "metadata.content"),
        ({"content": (image(), *(AUDIO,) * 4)}, 400, "metadata.content"),
        ({"content": (AUDIO,)}, 400, "metadata.content"),
        ({"content": (image(),) * 9 + (VIDEO,) * 3 + (AUDIO,)}, 400, "metadata.content"),
        ({"content": (image("first_frame"), VIDEO)}, 400, "metadata.content"),
        ({"content": (image("first_frame"), AUDIO)}, 400, "metadata.content"),
        (
            {"content": (Reference(type="image_url", url="file:///a.png", role="reference_image"),)},
            400,
            "metadata.content",
        ),
        ({"model": UPSCALE, "content": (VIDEO,)}, 400, "prompt"),
        ({"model": UPSCALE, "prompt": "", "content": ()}, 400, "metadata.content"),
        ({"model": UPSCALE, "prompt": "", "content": (image(),)}, 400, "metadata.content"),
        ({"model": UPSCALE, "prompt": "", "content": (VIDEO,) * 2}, 400, "metadata.content"),
        ({"model": UPSCALE, "prompt": "", "content": (VIDEO,), "seconds": 16}, 400, "seconds"),
        ({"model": UPSCALE, "prompt": "", "content": (VIDEO,), "resolution": "1080p"}, 400, "metadata.resolution"),
    ],
)
def test_check_refuses_naming_the_field(overrides: dict[str, Any], status: int, param: str) -> None:
    with pytest.raises(Complaint) as refusal:
        MENU.check(wish(**overrides))
    assert refusal.value.status == status
    assert param in refusal.value.message.split()


@pytest.mark.parametrize(
    ("asked", "word", "bill"),
    [
        (wish(model="doubao-seedance-2-0-4k", seconds=5), "", Bill(quota=2_430_000, tokens=972_000)),
        (wish(model="doubao-seedance-2-0-4k", seconds=5), "dearer", Bill(quota=3_037_500, tokens=1_215_000)),
        (wish(model="doubao-seedance-2-0-4k", seconds=5), "cheaper", Bill(quota=1_822_500, tokens=729_000)),
        (wish(model=HORSE, seconds=4), "dearer", Bill(quota=347_750, tokens=None)),
        (wish(), "no-cost", Bill(quota=None, tokens=None)),
        (wish(model=HORSE, seconds=5), "", Bill(quota=347_750, tokens=None)),
    ],
)
def test_bill_follows_the_price_list(asked: VideoRequest, word: str, bill: Bill) -> None:
    assert MENU.bill(asked, frozenset({word})) == bill


def test_has_sound_only_when_asked_or_always() -> None:
    sounds = {model: MENU.skus[model].has_sound(wish(model=model)) for model in (MINIMAX, PRO, wish().model)}
    assert sounds == {MINIMAX: True, PRO: False, wish().model: False}
    assert MENU.skus[wish().model].has_sound(wish(generate_audio=True))
    assert MENU.skus["seedance-1-5-pro-with-audio"].has_sound(wish())


def test_bill_counts_the_seconds_of_input_videos() -> None:
    asked = wish(model="doubao-seedance-2-0-4k", seconds=4)
    assert MENU.bill(asked, input_seconds=1.0) == MENU.bill(wish(model="doubao-seedance-2-0-4k", seconds=5))
    assert MENU.bill(wish(model=HORSE), input_seconds=9) == MENU.bill(wish(model=HORSE))


def test_bill_of_an_upscale_is_for_the_length_of_its_video() -> None:
    asked = wish(model=UPSCALE, prompt="", content=(VIDEO,), seconds=5)
    assert MENU.bill(asked, input_seconds=5) == Bill(quota=108_000, tokens=108_000)
