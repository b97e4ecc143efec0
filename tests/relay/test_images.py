"""Still images: the documented request, both forms of answer, and what each failure means for the bill."""

import base64
import json

import httpx
import pytest

from generations.relay.client import Relay
from generations.relay.errors import KeyRefused, Malformed, NotAccepted, NotSent, RateLimited, Refused, Unknown
from generations.relay.images import Image, ImageRequest, ImageResult
from tests.relay.samples import BAD_KEY, BROKEN, SLOW_DOWN
from tests.relay.test_client import BASE, KEY, breaks, relay, says

ASKED = ImageRequest(model="grok-imagine-image", prompt="a fox, 狐", n=2, size="1024x1024")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40
B64 = base64.b64encode(PNG).decode()


def test_images_sends_the_documented_request() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"data": [{"url": "https://cdn.example/1.png"}]})

    relay(handler).images(ASKED)
    assert [(request.method, str(request.url)) for request in seen] == [("POST", f"{BASE}/images/generations")]
    assert json.loads(seen[0].content) == {
        "model": "grok-imagine-image",
        "prompt": "a fox, 狐",
        "n": 2,
        "size": "1024x1024",
    }


@pytest.mark.parametrize(
    ("entry", "image"),
    [
        ({"url": "https://cdn.example/1.png"}, Image(url="https://cdn.example/1.png")),
        ({"b64_json": B64, "url": None}, Image(data=PNG)),
        ({"b64_json": f"data:image/png;base64,{B64}", "url": ""}, Image(data=PNG)),
    ],
)
def test_images_brings_urls_or_bytes(entry: dict[str, object], image: Image) -> None:
    result, exchange = says(200, {"created": 1, "data": [entry]}, x_request_id="r-1").images(ASKED)
    assert (result, exchange.request_id) == (ImageResult(images=(image,)), "r-1")


def test_images_longer_than_a_read_may_be_are_whole_and_not_kept_as_words() -> None:
    data = PNG * 200
    body = {"data": [{"b64_json": base64.b64encode(data).decode()}]}
    assert len(json.dumps(body)) > 2_000_000
    result, exchange = says(200, body).images(ASKED)
    assert result.images == (Image(data=data),)
    assert exchange.body == f'{{"data": [{{"b64_json": "[{len(body["data"][0]["b64_json"])} characters]"}}]}}'


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (429, SLOW_DOWN, RateLimited),
        (400, BROKEN, Refused),
        (401, BAD_KEY, KeyRefused),
        (500, BROKEN, NotAccepted),
        (502, "<html>", Unknown),
        (504, BROKEN, Unknown),
        (200, "<html>", Unknown),
        (200, {"data": []}, Unknown),
        (200, {"data": [{"url": "https://a.example/1.png"}, {}]}, Unknown),
        (200, {"data": [{"b64_json": "no base64!"}]}, Unknown),
        (200, {"data": [{"url": "file:///etc/passwd"}]}, Unknown),
    ],
)
def test_images_that_do_not_come_say_what_may_be_done(status: int, body: object, kind: type[Exception]) -> None:
    with pytest.raises(kind) as caught:
        says(status, body).images(ASKED)
    assert type(caught.value) is kind


def test_images_without_an_answer_are_unknown_when_sent() -> None:
    with pytest.raises(Unknown):
        breaks(httpx.ReadTimeout("slow")).images(ASKED)
    with pytest.raises(NotSent):
        breaks(httpx.ConnectError("refused")).images(ASKED)


def test_images_never_show_the_key() -> None:
    with pytest.raises(Refused) as caught:
        says(400, {"error": {"message": f"bad {KEY}", "type": "", "code": ""}}).images(ASKED)
    assert KEY not in f"{caught.value} {caught.value.exchange}"
    assert KEY not in repr(Relay(BASE, KEY))


@pytest.mark.parametrize("asked", [ASKED, ImageRequest(model="m", prompt="p", form="b64_json", seed=7)])
def test_image_request_round_trips(asked: ImageRequest) -> None:
    assert ImageRequest.from_json(asked.to_json()) == asked


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"prompt": 3}, "prompt"),
        ({"model": None}, "model"),
        ({"n": "2"}, "n"),
        ({"n": True}, "n"),
        ({"size": 3}, "size"),
        ({"response_format": "png"}, "response_format"),
        ({"seed": "7"}, "seed"),
    ],
)
def test_image_request_that_is_malformed_names_the_field(change: dict[str, object], param: str) -> None:
    with pytest.raises(Malformed) as caught:
        ImageRequest.from_json(ASKED.to_json() | change)
    assert caught.value.param == param


def test_image_result_round_trips() -> None:
    result = ImageResult(images=(Image(data=PNG), Image(url="https://cdn.example/2.png")))
    assert ImageResult.from_json(result.to_json(1)) == result
