"""What a model can do, as the form sees it."""

import pytest
from pytest_django import DjangoAssertNumQueries

from generations.catalog import capabilities
from generations.catalog.models import Price, VideoModel

pytestmark = pytest.mark.usefixtures("shipped")


def of(name: str) -> capabilities.Capabilities:
    return capabilities.of(VideoModel.objects.get(name=name))


def test_capabilities_are_those_of_the_catalogue() -> None:
    can = of("seedance-2.0")
    assert (can.label, can.vendor, can.audio, can.takes_seed) == ("Seedance 2.0", "ByteDance", "optional", True)
    assert (can.min_seconds, can.max_seconds, can.default_seconds) == (4, 15, 5)
    assert can.resolutions == ("480p", "720p", "1080p", "4k")
    assert can.ratios == ("16:9", "9:16", "1:1", "4:3", "3:4", "21:9", "adaptive")


def test_first_frame_only_is_told_apart() -> None:
    frames = [(of(name).takes_first_frame, of(name).takes_last_frame) for name in ("happyhorse-1.0", "seedance-2.5")]
    assert frames == [(True, False), (True, True)]


def test_resolutions_are_each_named_once() -> None:
    assert of("seedance-1.5-pro").resolutions == ("480p", "720p", "1080p")
    assert of("happyhorse-1.0").resolutions == ("720p", "1080p")


def test_defaults_are_modest() -> None:
    assert [of(name).default_resolution for name in ("seedance-2.0", "minimax-h3")] == ["720p", "768p"]
    assert of("seedance-2.0").default_ratio == "16:9"
    assert [of(name).default_audio for name in ("seedance-2.0", "seedance-1.5-pro", "minimax-h3")] == [
        True,
        False,
        True,
    ]


def test_price_from_is_that_of_the_cheapest_clip() -> None:
    assert of("happyhorse-1.0").from_micros == 695_500
    assert of("seedance-1.5-pro").from_micros == 72_057  # 48,038 tokens without sound


def test_resolution_without_a_price_is_named() -> None:
    Price.objects.filter(relay_model="doubao-seedance-2-0-4k").delete()
    can = of("seedance-2.0")
    assert (can.unpriced, can.has_price) == (("4k",), True)
    assert can.priced_resolutions == ("480p", "720p", "1080p")


def test_model_without_any_price_has_none() -> None:
    Price.objects.filter(relay_model__startswith="happyhorse").delete()
    can = of("happyhorse-1.0")
    assert (can.has_price, can.from_micros, can.default_resolution) == (False, None, "720p")


def test_model_without_skus_can_nothing() -> None:
    model = VideoModel.objects.get(name="happyhorse-1.0")
    model.skus.update(is_listed=False)
    can = capabilities.of(model)
    assert (can.resolutions, can.default_resolution, can.has_price) == ((), "", False)


def test_listed_models_come_in_the_catalogues_order(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    VideoModel.objects.filter(name="seedance-2.5").update(is_listed=False)
    with django_assert_num_queries(4):
        names = [can.name for can in capabilities.listed()]
    assert names[:4] == ["seedance-2.0", "seedance-2.0-fast", "seedance-2.0-mini", "seedance-1.5-pro"]
    assert len(names) == 8
