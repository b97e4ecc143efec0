"""manage.py import_catalog: repeatable, telling what changed, all or nothing."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from generations.catalog import pricing
from generations.catalog.models import Kind, Price, PriceList, Sku, VideoModel
from generations.management.commands.import_catalog import SHIPPED

Edited = Callable[[Callable[[Any], object]], Path]


def run(path: Path | None = None) -> list[str]:
    out = StringIO()
    call_command("import_catalog", *([path] if path else []), stdout=out)
    return out.getvalue().splitlines()


def amounts() -> dict[str, int]:
    return {name: price.amount_micros for name, price in pricing.in_force().items()}


def test_first_import_brings_every_model_and_price(db: None) -> None:
    lines = run()
    body = json.loads(SHIPPED.read_text())
    assert list(VideoModel.objects.listed().values_list("name", flat=True)) == [row["name"] for row in body["video"]]
    named = {kind: [row["name"] for row in body[kind]] for kind in ("image", "upscale")}
    assert {kind: [model.name for model in VideoModel.objects.listed(Kind(kind))] for kind in named} == named
    skus = sum(len(row["skus"]) for row in body["video"] + body["upscale"])
    assert Sku.objects.count() == skus + sum(len(row["sizes"]) for row in body["image"])
    assert len(lines) == VideoModel.objects.count() + len(amounts())
    assert "added price of doubao-seedance-2-0-720p: 8.75 USD per million tokens" in lines


def test_prices_are_exact_micros_of_every_kind(db: None) -> None:
    run()
    named = amounts()
    assert named["grok-imagine-video"] == 2_083_400
    assert named["grok-imagine-image"] == 18_000
    assert named["grok-4.3"] == 1_125_000
    assert Price.objects.get(relay_model="grok-4.3").output_amount_micros == 2_250_000
    assert not any(name.startswith("seedance-upscale") for name in named)


def test_same_import_again_changes_nothing(db: None) -> None:
    run()
    assert run() == ["nothing changed"]
    assert PriceList.objects.count() == 1


def test_changed_price_makes_a_new_list_and_keeps_the_old(shipped: None, edited: Edited) -> None:
    lines = run(edited(lambda body: body["video"][0]["skus"][3].update(price="6.5")))
    assert lines == [
        "changed price of doubao-seedance-2-0-4k: 5.00 USD per million tokens -> 6.50 USD per million tokens"
    ]
    rows = Price.objects.filter(relay_model="doubao-seedance-2-0-4k").order_by("price_list__number")
    assert [row.amount_micros for row in rows] == [5_000_000, 6_500_000]
    assert PriceList.objects.get(number=2).prices.count() == PriceList.objects.get(number=1).prices.count()


def test_changed_capability_is_told_old_and_new(shipped: None, edited: Edited) -> None:
    assert run(edited(lambda body: body["video"][5].update(seconds=[3, 20]))) == [
        "changed model happyhorse-1.0: max_seconds 15 -> 20"
    ]
    assert VideoModel.objects.get(name="happyhorse-1.0").max_seconds == 20


def test_model_gone_from_the_file_is_unlisted_and_comes_back(shipped: None, edited: Edited) -> None:
    lines = run(edited(lambda body: body["video"].pop()))
    assert lines[0] == "removed model minimax-h3: no longer listed, its jobs stay"
    assert lines[1:] == [
        "removed price of minimax-h3-768p: 0.10 USD per second",
        "removed price of minimax-h3-2k: 0.1625 USD per second",
    ]
    assert VideoModel.objects.get(name="minimax-h3").is_listed is False
    assert "changed model minimax-h3: is_listed False -> True" in run()
    assert "minimax-h3-2k" in amounts()


def test_sku_gone_from_the_file_is_unlisted(shipped: None, edited: Edited) -> None:
    lines = run(edited(lambda body: body["video"][0]["skus"].pop()))
    assert lines[0] == "removed sku doubao-seedance-2-0-4k · 4k of seedance-2.0"
    assert Sku.objects.get(relay_model="doubao-seedance-2-0-4k").is_listed is False
    assert run()[0].startswith("changed sku doubao-seedance-2-0-4k · 4k: is_listed False -> True")


def test_new_sku_is_added_to_its_model(shipped: None, edited: Edited) -> None:
    new = {"id": "seedance-2-0-2k", "resolution": "2k", "unit": "per_second", "price": None}
    assert run(edited(lambda body: body["video"][0]["skus"].append(new))) == [
        "added sku seedance-2-0-2k · 2k of seedance-2.0"
    ]


def test_price_withdrawn_by_the_file_is_gone(shipped: None, edited: Edited) -> None:
    run(edited(lambda body: body["video"][0]["skus"][3].update(price=None)))
    assert "doubao-seedance-2-0-4k" not in amounts()


def breaks(**changes: Any) -> Callable[[Any], object]:
    return lambda body: body["video"][0].update(changes)


def breaks_sku(**changes: Any) -> Callable[[Any], object]:
    return lambda body: body["video"][0]["skus"][0].update(changes)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda body: body.clear(), "lists no video models"),
        (lambda body: body.update(video={}), "video must be a list"),
        (lambda body: body.update(video=[7]), r"video\[0\] must be a JSON object"),
        (lambda body: body["video"].append(body["video"][0]), "lists a model twice"),
        (lambda body: body["video"][0].pop("name"), r"video\[0\]\.name"),
        (breaks(name="x" * 81), r"video\[0\]\.name"),
        (breaks(label="nul\0"), r"video\[0\]\.label"),
        (breaks(label="half \ud800"), r"video\[0\]\.label"),
        (breaks(seconds=[9, 4]), r"video\[0\]\.seconds"),
        (breaks(seconds="4-15"), r"video\[0\]\.seconds"),
        (breaks(default_seconds=99), "default_seconds must be from 4 to 15"),
        (breaks(ratios=[]), r"video\[0\]\.ratios"),
        (breaks(ratios=["16:9", "16:9"]), "names something twice"),
        (breaks(ratios=["wide"]), "no such ratio"),
        (breaks(audio="loud"), "audio must be one of"),
        (breaks(audio="selects the sku"), r"skus\[0\]\.audio"),
        (breaks(seed="yes"), "seed must be true or false"),
        (breaks(first_last_frame="last only"), "first_last_frame"),
        (breaks(references={"image": 1}), "references"),
        (breaks(references={"image": -1, "video": 0, "audio": 0, "total": 1}), "references"),
        (breaks(skus=[]), "at least one sku"),
        (lambda body: body["video"][0]["skus"].append(body["video"][0]["skus"][0]), "lists a sku twice"),
        (breaks_sku(resolution="8k"), "no such resolution"),
        (breaks_sku(unit="per_mile"), "unit must be one of"),
        (breaks_sku(price="1,000"), "must be dollars"),
        (breaks_sku(price="-1"), "must be dollars"),
        (breaks_sku(price=True), "must be dollars"),
        (breaks_sku(price="0.0000001"), "must be dollars"),
        (breaks_sku(price=1e300), "must be dollars"),
        (breaks_sku(id="doubao-seedance-2-0-720p", price="9.99"), "differs from another price"),
        (lambda body: body["image"][0].update(n=[2, 4]), r"image\[0\]\.n must be 1 and"),
        (lambda body: body["image"][0].update(n=[1, 99]), r"image\[0\]\.n must be 1 and"),
        (lambda body: body["image"][0].update(sizes=["wide"]), r"image\[0\]\.sizes must be in px"),
        (lambda body: body["upscale"][0].update(skus=[]), r"upscale\[0\]\.skus must list"),
        (lambda body: body["upscale"][0]["skus"][0].update(resolution="8k"), "no such resolution"),
    ],
)
def test_malformed_file_is_one_clear_line_and_changes_nothing(
    shipped: None, edited: Edited, change: Callable[[Any], object], place: str
) -> None:
    with pytest.raises(CommandError, match=place) as refused:
        run(edited(change))
    assert "\n" not in str(refused.value)
    assert run() == ["nothing changed"]


def test_import_that_breaks_half_way_leaves_nothing_behind(shipped: None, edited: Edited) -> None:
    def no_prices(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql.startswith('INSERT INTO "generations_price"'):
            raise OperationalError("disk full")
        return execute(sql, *rest)

    path = edited(lambda body: (body["video"][0].update(label="New"), body["video"][0]["skus"][0].update(price="1")))
    with connection.execute_wrapper(no_prices), pytest.raises(OperationalError):
        run(path)
    assert VideoModel.objects.get(name="seedance-2.0").label == "Seedance 2.0"
    assert PriceList.objects.count() == 1


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b'{"video": NaN}', b"9" * 5000, b"[" * 100_000])
def test_file_that_is_no_json_object_is_one_clear_line(db: None, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "odd.json"
    path.write_bytes(content)
    with pytest.raises(CommandError, match="is not a catalogue"):
        run(path)


def test_missing_file_is_one_clear_line(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="can't be read: No such file"):
        run(tmp_path / "none.json")


def test_number_is_as_good_as_text_for_a_price(shipped: None, edited: Edited) -> None:
    run(edited(breaks_sku(price=8.8)))
    assert amounts()["doubao-seedance-2-0-480p"] == 8_800_000


def test_announced_upscales_are_known_and_not_served(shipped: None) -> None:
    skus = Sku.objects.filter(model__kind=Kind.UPSCALE)
    assert dict(skus.values_list("resolution", "is_live")) == {"720p": True, "1080p": False, "2k": False, "4k": False}
