"""manage.py import_prices: the relay's own list, from a file or from the relay."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from generations.catalog import pricing
from generations.catalog.models import Price, PriceList, Sku, Unit
from generations.management.commands.import_catalog import SHIPPED
from generations.sandbox.menu import Menu
from tests.catalog.test_import_catalog import Edited
from tests.catalog.test_import_catalog import run as import_catalog

Listed = Callable[..., Path]

pytestmark = pytest.mark.usefixtures("shipped")


@pytest.fixture
def listed(tmp_path: Path) -> Listed:
    """listed({...}, {...}): a file in the form of the relay's /api/pricing with these rows."""

    def write(*rows: dict[str, Any], **top: Any) -> Path:
        path = tmp_path / "pricing.json"
        path.write_text(json.dumps({"success": True, "group_ratio": {"default": 1}, "data": rows} | top))
        return path

    return write


def run(path: Path) -> list[str]:
    """What it prints, but for the remarks on prices that the list does not name."""
    out = StringIO()
    call_command("import_prices", path, stdout=out)
    return [line for line in out.getvalue().splitlines() if not line.startswith("not in the relay's list")]


def per_token(name: str, ratio: object, **more: object) -> dict[str, object]:
    return {"model_name": name, "quota_type": 0, "model_ratio": ratio, "completion_ratio": 1, "model_price": 0} | more


def per_call(name: str, price: object) -> dict[str, object]:
    return {"model_name": name, "quota_type": 1, "model_ratio": 0, "completion_ratio": 0, "model_price": price}


def price(name: str) -> Price:
    return pricing.in_force()[name]


def test_token_price_is_twice_the_ratio(listed: Listed) -> None:
    assert run(listed(per_token("doubao-seedance-2-0-720p", 4.5))) == [
        "changed price of doubao-seedance-2-0-720p: 8.75 USD per million tokens -> 9.00 USD per million tokens"
    ]
    assert price("doubao-seedance-2-0-720p").amount_micros == 9_000_000


def test_other_prices_are_carried_over(listed: Listed) -> None:
    before = pricing.in_force()
    run(listed(per_token("doubao-seedance-2-0-720p", 4.5)))
    after = pricing.in_force()
    assert after.keys() == before.keys()
    assert (after["grok-4.3"].output_amount_micros, after["grok-4.3"].captured) == (2_250_000, "2026-06-21")


def test_equal_price_beside_a_changed_one_keeps_its_day(listed: Listed) -> None:
    run(listed(per_token("doubao-seedance-2-0-720p", 4.5), per_token("grok-imagine-video", 1.0417)))
    assert (price("grok-imagine-video").captured, price("grok-imagine-video").basis) == ("2026-06-21", "price list")
    assert price("doubao-seedance-2-0-720p").basis == "the relay's price list"


def test_equal_prices_change_nothing(listed: Listed) -> None:
    rows = (per_token("grok-imagine-video", 1.0417), per_call("happyhorse-1.0-t2v", 0.1391))
    assert run(listed(*rows)) == ["nothing changed"]
    assert PriceList.objects.count() == 1


def test_group_ratio_of_the_default_group_counts(listed: Listed) -> None:
    ratio = {"default": 1.1, "vip": 0.5}
    run(listed(per_token("grok-imagine-video", 1), per_call("minimax-h3-2k", 0.1), group_ratio=ratio))
    assert price("grok-imagine-video").amount_micros == 2_200_000
    assert price("minimax-h3-2k").amount_micros == 110_000


def test_per_call_price_keeps_the_models_unit(listed: Listed) -> None:
    run(listed(per_call("minimax-h3-2k", 0.2), per_call("grok-imagine-image", 0.02)))
    assert price("minimax-h3-2k").unit == Unit.PER_SECOND
    assert price("grok-imagine-image").unit == Unit.PER_IMAGE


def test_completion_ratio_prices_the_words_of_text_models_only(listed: Listed) -> None:
    run(listed(per_token("grok-4.3", 1, completion_ratio=3), per_token("grok-imagine-video", 1, completion_ratio=3)))
    assert price("grok-4.3").output_amount_micros == 6_000_000
    assert price("grok-imagine-video").output_amount_micros is None


def test_models_that_the_catalogue_lacks_are_passed_over(listed: Listed) -> None:
    assert run(listed(per_token("gpt-9", 4), per_call("suno", 1))) == ["nothing changed"]


def test_relays_price_outlives_the_next_import_of_an_older_catalogue(listed: Listed) -> None:
    run(listed(per_token("doubao-seedance-2-0-720p", 4.5)))
    lines = import_catalog()
    assert lines[-1] == "nothing changed"
    assert lines[0].startswith(
        "kept price of doubao-seedance-2-0-720p, 9.00 USD per million tokens: the relay gave it on"
    )
    assert price("doubao-seedance-2-0-720p").amount_micros == 9_000_000


def test_newer_catalogue_overrules_the_relays_price(listed: Listed, edited: Edited) -> None:
    run(listed(per_token("doubao-seedance-2-0-720p", 4.5)))
    newer = {"price": "7.75", "price_captured": "2999-01-01"}
    import_catalog(edited(lambda body: body["video"][0]["skus"][1].update(newer)))
    assert price("doubao-seedance-2-0-720p").amount_micros == 7_750_000


def test_relays_price_of_a_model_without_one_outlives_the_next_import(listed: Listed, edited: Edited) -> None:
    unpriced = edited(lambda body: body["video"][0]["skus"][3].update(price=None))
    import_catalog(unpriced)
    assert "doubao-seedance-2-0-4k" not in pricing.in_force()
    run(listed(per_token("doubao-seedance-2-0-4k", 2.5)))
    assert import_catalog(unpriced) == ["nothing changed"]
    assert price("doubao-seedance-2-0-4k").amount_micros == 5_000_000


@pytest.mark.parametrize(
    ("rows", "top", "place"),
    [
        ([], {"success": False}, "success is not true"),
        ([], {"data": {}}, "data must be a list"),
        ([7], {}, r"data\[1\] must be a JSON object"),
        ([{}], {}, "model_name"),
        ([], {"group_ratio": 1}, "group_ratio must be a JSON object"),
        ([], {"group_ratio": {"default": -1}}, "default must be a number"),
        ([per_token("minimax-h3-2k", "4.5")], {}, "model_ratio must be a number"),
        ([per_token("minimax-h3-2k", None)], {}, "model_ratio must be a number"),
        ([per_token("minimax-h3-2k", True)], {}, "model_ratio must be a number"),
        ([per_token("minimax-h3-2k", 1e6)], {}, "out of reach"),
        ([per_call("minimax-h3-2k", float("nan"))], {}, "model_price must be a number"),
        ([per_call("minimax-h3-2k", 1e400)], {}, "model_price must be a number"),
        ([per_call("minimax-h3-2k", 1) | {"quota_type": 2}], {}, "quota_type must be 0 or 1"),
    ],
)
def test_malformed_list_is_one_clear_line_and_changes_nothing(
    listed: Listed, rows: list[Any], top: dict[str, Any], place: str
) -> None:
    good = per_token("doubao-seedance-2-0-720p", 4.5)
    with pytest.raises(CommandError, match=place) as refused:
        run(listed(good, *rows, **top) if "data" not in top else listed(**top))
    assert "\n" not in str(refused.value)
    assert price("doubao-seedance-2-0-720p").amount_micros == 8_750_000


@pytest.fixture
def relay(settings: Settings) -> Iterator[list[bytes]]:
    """A relay that answers with the one body in the list that it gives."""
    bodies: list[bytes] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/api/pricing" else 404)
            self.send_header("Content-Length", str(len(bodies[0])))
            self.end_headers()
            self.wfile.write(bodies[0])

        def log_message(self, *words: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.RELAY_URL = f"http://127.0.0.1:{server.server_port}/v1"
        yield bodies
        server.shutdown()


@pytest.mark.parametrize("how", [["--from-relay"], []])
def test_relay_itself_is_asked(relay: list[bytes], how: list[str]) -> None:
    relay.append(json.dumps(Menu.from_file(SHIPPED).pricing()).encode())
    out = StringIO()
    call_command("import_prices", *how, stdout=out)
    assert out.getvalue() == "nothing changed\n"


def test_relays_decimals_stay_exact(relay: list[bytes]) -> None:
    rows = [per_token("grok-imagine-video", 1.04175), per_call("minimax-h3-2k", 0.16251)]
    relay.append(json.dumps({"success": True, "group_ratio": {"default": 1}, "data": rows}).encode())
    call_command("import_prices", stdout=StringIO())
    named = pricing.in_force()
    assert [named[name].amount_micros for name in ("grok-imagine-video", "minimax-h3-2k")] == [2_083_500, 162_510]


def test_relay_without_a_list_is_one_clear_line(relay: list[bytes]) -> None:
    relay.append(b"<html>")
    with pytest.raises(CommandError, match=r"gave no price list: .* Nothing was changed"):
        call_command("import_prices")


def test_prices_come_from_one_place_at_a_time(listed: Listed) -> None:
    with pytest.raises(CommandError, match="not allowed with"):
        call_command("import_prices", str(listed()), "--from-relay")


@pytest.mark.parametrize(("content", "said"), [(b"{", "not JSON"), (b"\xff", "not UTF-8"), (None, "can't be read")])
def test_file_that_cannot_be_read_is_one_clear_line(tmp_path: Path, content: bytes | None, said: str) -> None:
    path = tmp_path / "odd.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CommandError, match=said):
        call_command("import_prices", path)


def test_announced_upscale_that_gets_a_price_is_served_and_stays_so(listed: Listed) -> None:
    lines = run(listed(per_token("seedance-upscale-1080p", 1)))
    assert lines[0] == "served now: seedance-upscale-1080p · 1080p"
    assert import_catalog() == ["nothing changed"]
    assert Sku.objects.get(relay_model="seedance-upscale-1080p").is_live


def test_price_of_images_stays_per_image(listed: Listed) -> None:
    run(listed(per_call("grok-imagine-image", 0.02)))
    assert (price("grok-imagine-image").unit, price("grok-imagine-image").amount_micros) == (Unit.PER_IMAGE, 20_000)
