"""The client against a relay that is a function Request -> Response."""

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generations.relay.account import Account
from generations.relay.client import AsyncRelay, Relay
from generations.relay.errors import (
    BalanceTooLow,
    KeyRefused,
    NotAccepted,
    NotSent,
    RateLimited,
    Refused,
    RelayFault,
    Unknown,
    UnknownTask,
    Unreadable,
)
from generations.relay.verdicts import retry_after_seconds
from generations.relay.wire import Phase, Task, VideoRequest
from tests.relay.samples import (
    BAD_KEY,
    BROKEN,
    DONE,
    FAILED,
    MISSING,
    NO_BALANCE,
    NO_MODEL,
    SLOW_DOWN,
    SUBMITTED,
    URL,
)

BASE = "https://relay.example/v1"
KEY = "sk-canary/0123456789abcdef"
REQUEST = VideoRequest(model="m", prompt="a cat, 猫", seconds=5, seed=7)
Handler = Callable[[httpx.Request], httpx.Response]
PAGE = "<html>Bad gateway</html>"


def relay(handler: Handler) -> Relay:
    return Relay(BASE, KEY, transport=httpx.MockTransport(handler))


def says(status: int, body: object = None, **headers: str) -> Relay:
    """A relay that always gives this answer; a string is sent as it stands."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    content = body if isinstance(body, str | bytes) else json.dumps(body)
    return relay(lambda request: httpx.Response(status, content=content, headers=named))


def breaks(fault: Exception) -> Relay:
    def handler(request: httpx.Request) -> httpx.Response:
        raise fault

    return relay(handler)


def test_create_sends_the_documented_request() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=SUBMITTED["flat"])

    relay(handler).create(REQUEST)
    (request,) = seen
    assert (request.method, str(request.url)) == ("POST", f"{BASE}/video/generations")
    assert json.loads(request.content) == REQUEST.to_json()
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert (request.headers["connection"], request.headers["accept-encoding"]) == ("close", "identity")


@pytest.mark.parametrize("shape", SUBMITTED)
def test_create_brings_the_task(shape: str) -> None:
    task, exchange = says(200, SUBMITTED[shape], x_request_id="r-1").create(REQUEST)
    assert (task.task_id, task.phase) == ("task_abc123", Phase.WAITING)
    assert (exchange.method, exchange.path, exchange.status) == ("POST", "/video/generations", 200)
    assert (exchange.request_id, json.loads(exchange.body)) == ("r-1", SUBMITTED[shape])
    assert exchange.milliseconds >= 0


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (429, SLOW_DOWN, RateLimited),
        (429, PAGE, RateLimited),
        (400, BROKEN, Refused),
        (400, PAGE, Refused),
        (401, BAD_KEY, KeyRefused),
        (402, None, BalanceTooLow),
        (403, NO_BALANCE, BalanceTooLow),
        (403, NO_MODEL, Refused),
        (403, PAGE, Refused),
        (404, NO_MODEL, Refused),
        (404, MISSING, Refused),
        (413, PAGE, Refused),
        (301, "", Refused),
        (308, "", Refused),
        (500, BROKEN, NotAccepted),
        (502, BROKEN, NotAccepted),
        (503, {"code": "no_channel", "message": "none", "data": None}, NotAccepted),
        (503, {"error": {"message": ""}}, NotAccepted),
        (500, PAGE, Unknown),
        (502, {"code": 502, "message": "Bad gateway", "data": None}, Unknown),
        (503, "", Unknown),
        (504, BROKEN, Unknown),
        (520, BROKEN, Unknown),
        (524, PAGE, Unknown),
        (408, BROKEN, Unknown),
        (409, BROKEN, Unknown),
        (303, "", Unknown),
        (200, PAGE, Unknown),
        (200, "", Unknown),
        (200, [], Unknown),
        (200, None, Unknown),
        (200, BROKEN, Unknown),
        (200, {"status": "submitted"}, Unknown),
        (200, {"status": "submitted", "task_id": "../x"}, Unknown),
        (204, "", Unknown),
        (200, "[" * 100_000, Unknown),
        (200, b"\xff\xfe\x00{", Unknown),
    ],
)
def test_create_says_what_may_be_done_next(status: int, body: object, kind: type[RelayFault]) -> None:
    with pytest.raises(RelayFault) as caught:
        says(status, body).create(REQUEST)
    assert type(caught.value) is kind
    assert caught.value.exchange.status == status


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (httpx.ConnectError("refused"), NotSent),
        (httpx.ConnectTimeout("slow"), NotSent),
        (httpx.PoolTimeout("full"), NotSent),
        (httpx.UnsupportedProtocol("gopher"), NotSent),
        (httpx.ReadTimeout("slow"), Unknown),
        (httpx.WriteTimeout("slow"), Unknown),
        (httpx.ReadError("reset"), Unknown),
        (httpx.WriteError("reset"), Unknown),
        (httpx.RemoteProtocolError("closed"), Unknown),
        (OSError("odd"), Unknown),
        (RuntimeError("odder"), Unknown),
    ],
)
def test_create_knows_whether_it_was_sent(fault: Exception, kind: type[RelayFault]) -> None:
    with pytest.raises(RelayFault) as caught:
        breaks(fault).create(REQUEST)
    assert type(caught.value) is kind
    assert caught.value.exchange.status is None
    assert caught.value.__context__ is None


def test_refusal_carries_the_relays_words() -> None:
    with pytest.raises(BalanceTooLow) as caught:
        says(403, NO_BALANCE).create(REQUEST)
    fault = caught.value
    assert (fault.status, fault.code, fault.message) == (403, "insufficient_user_quota", "user quota is not enough")
    assert json.loads(fault.body) == NO_BALANCE


def test_strangers_page_is_kept_but_not_quoted() -> None:
    with pytest.raises(Unknown) as caught:
        says(502, PAGE).create(REQUEST)
    assert caught.value.raw == PAGE
    assert "html" not in caught.value.message


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"retry_after": "7"}, 7.0),
        ({"retry_after": "0.5 "}, 0.5),
        ({"retry_after": "999999"}, 86_400.0),
        ({"retry_after": "Sun, 22 Nov 2026 10:00:30 GMT", "date": "Sun, 22 Nov 2026 10:00:00 GMT"}, 30.0),
        ({"retry_after": "Sun, 22 Nov 2026 09:00:00 GMT", "date": "Sun, 22 Nov 2026 10:00:00 GMT"}, 0.0),
        ({"retry_after": "soon"}, None),
        ({"retry_after": "-1"}, None),
        ({}, None),
    ],
)
def test_rate_limit_carries_how_long(headers: dict[str, str], wait: float | None) -> None:
    with pytest.raises(RateLimited) as caught:
        says(429, SLOW_DOWN, **headers).create(REQUEST)
    assert (caught.value.retry_after_seconds, caught.value.message) == (wait, "slow down")


@given(st.text(max_size=40))
def test_retry_after_takes_any_text(value: str) -> None:
    wait = retry_after_seconds(value, datetime(2026, 11, 22, tzinfo=UTC))
    assert wait is None or 0 <= wait <= 86_400


def test_retry_after_date_without_a_zone_is_utc() -> None:
    now = datetime(2026, 11, 22, 10, tzinfo=UTC)
    assert retry_after_seconds("Sun, 22 Nov 2026 10:00:05 -0000", now) == 5.0


@pytest.mark.parametrize("shape", DONE)
def test_read_brings_the_task(shape: str) -> None:
    task, exchange = says(200, DONE[shape]).read("task_abc123")
    assert (task.phase, task.url, exchange.path) == (Phase.DONE, URL, "/video/generations/task_abc123")


def test_read_brings_a_failure_as_a_task() -> None:
    task, _ = says(200, FAILED).read("task_abc123")
    assert (task.phase, task.error_message) == (Phase.FAILED, "content blocked")


READ_FAULTS: list[tuple[int, object, type[RelayFault]]] = [
    (401, BAD_KEY, KeyRefused),
    (404, MISSING, UnknownTask),
    (404, PAGE, UnknownTask),
    (400, MISSING, UnknownTask),
    (200, MISSING, UnknownTask),
    (400, PAGE, Unreadable),
    (403, NO_BALANCE, Unreadable),
    (429, SLOW_DOWN, RateLimited),
    (500, BROKEN, Unreadable),
    (502, PAGE, Unreadable),
    (302, "", Unreadable),
    (200, PAGE, Unreadable),
    (200, "", Unreadable),
    (200, "null", Unreadable),
    (200, [DONE["flat"]], Unreadable),
    (200, {"status": "success"}, Unreadable),
    (200, DONE["flat"] | {"task_id": "task_other"}, Unreadable),
    (200, b" " * 1_048_577, Unreadable),
    (200, b'{"task_id": "task_abc123", "status": "succeeded"' + b" " * 1_048_577 + b"}", Unreadable),
]


@pytest.mark.parametrize(("status", "body", "kind"), READ_FAULTS)
def test_read_without_a_usable_answer_is_no_verdict(status: int, body: object, kind: type[RelayFault]) -> None:
    with pytest.raises(RelayFault) as caught:
        says(status, body).read("task_abc123")
    assert type(caught.value) is kind


@pytest.mark.parametrize(("status", "body", "kind"), READ_FAULTS)
def test_async_read_says_the_same(status: int, body: object, kind: type[RelayFault]) -> None:
    content = body if isinstance(body, str | bytes) else json.dumps(body)
    with pytest.raises(RelayFault) as caught:
        read_async(lambda request: httpx.Response(status, content=content), "task_abc123")
    assert type(caught.value) is kind


@pytest.mark.parametrize("fault", [httpx.ConnectError("x"), httpx.ReadTimeout("x"), ValueError("x")])
def test_read_that_breaks_is_no_answer(fault: Exception) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise fault

    with pytest.raises(Unreadable):
        relay(handler).read("task_abc123")
    with pytest.raises(Unreadable):
        read_async(handler, "task_abc123")


def test_read_takes_junk_for_a_charset() -> None:
    task, _ = says(200, DONE["flat"], content_type="application/json; charset=klingon").read("task_abc123")
    assert task.phase is Phase.DONE


def test_read_takes_a_byte_order_mark() -> None:
    task, _ = says(200, b"\xef\xbb\xbf" + json.dumps(FAILED).encode()).read("task_abc123")
    assert task.phase is Phase.FAILED


@pytest.mark.parametrize("task_id", ["", "..", "a/b", "a?b", "x" * 300, "a b"])
def test_odd_task_id_is_never_asked_for(task_id: str) -> None:
    stranger = breaks(AssertionError("asked"))
    for ask in (stranger.read, stranger.content_url):
        with pytest.raises(Unreadable, match="not a task id"):
            ask(task_id)


def test_task_id_is_quoted_in_the_path() -> None:
    asked: list[bytes] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.raw_path)
        return httpx.Response(404)

    with pytest.raises(UnknownTask):
        relay(handler).read("a:b+c=")
    assert asked == [b"/v1/video/generations/a%3Ab%2Bc%3D"]


@given(st.integers(100, 599).filter(lambda status: status >= 200), st.binary(max_size=200) | st.text().map(str.encode))
def test_any_answer_ends_in_a_task_or_a_relay_fault(status: int, body: bytes) -> None:
    stranger = says(status, body)
    with contextlib.suppress(RelayFault):
        stranger.create(REQUEST)
    with contextlib.suppress(RelayFault):
        stranger.read("task_abc123")


def test_models_are_named() -> None:
    assert says(200, {"data": [{"id": "a"}, {"id": "b"}, {"id": 3}, "c", {"id": ""}]}).models() == ["a", "b"]


@pytest.mark.parametrize("body", [None, [], {}, {"data": {}}, PAGE])
def test_models_that_are_none_are_unreadable(body: object) -> None:
    with pytest.raises(Unreadable):
        says(200, body).models()


def test_pricing_is_read_at_the_host_root_without_the_key() -> None:
    asked: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"success": True, "data": []})

    assert relay(handler).pricing() == {"success": True, "data": []}
    assert str(asked[0].url) == "https://relay.example/api/pricing"
    assert "authorization" not in asked[0].headers


@pytest.mark.parametrize("body", [None, [], {}, {"data": {}}, PAGE])
def test_pricing_that_is_none_is_unreadable(body: object) -> None:
    with pytest.raises(Unreadable):
        says(200, body).pricing()


def test_download_sends_the_key_only_to_the_relay_itself() -> None:
    ours = relay(lambda request: httpx.Response(200))
    own = ours.content_url("task_1")
    assert own == f"{BASE}/videos/task_1/content"
    assert ours.download_headers(own)["Authorization"] == f"Bearer {KEY}"
    for url in (URL, "http://relay.example/v1/x", "https://relay.example:444/x", "https://relay.example:x/", "x"):
        assert "Authorization" not in ours.download_headers(url)


@pytest.mark.parametrize("url", ["", "relay.example", "ftp://x.example", "https://", "https://a:b@x.example/v1"])
def test_relay_refuses_an_address_that_is_none(url: str) -> None:
    with pytest.raises(ValueError, match="base URL"):
        Relay(url, KEY)


@pytest.mark.parametrize("key", ["", "short", "sk-canary 1234567", "sk-canary\r\nX: y", "sk-canaryé1234567"])
def test_relay_refuses_an_impossible_key_without_showing_it(key: str) -> None:
    with pytest.raises(ValueError, match="the relay's key") as caught:
        Relay(BASE, key)
    assert "canary" not in str(caught.value)


ECHOES = [KEY, KEY.replace("/", "\\/"), KEY.replace("s", "\\u0073"), KEY.replace("/", "%2F"), "sk-another0123456789"]


@pytest.mark.parametrize("echo", ECHOES)
@pytest.mark.parametrize("status", [200, 401, 500, 502])
def test_key_is_in_nothing_that_is_kept(echo: str, status: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    body = '{"error": {"message": "bad key KEY"}, "padding": "%s KEY"}' % ("x" * 65_480)
    ours = says(status, body.replace("KEY", echo), x_request_id=echo)
    with pytest.raises(RelayFault) as caught:
        ours.create(REQUEST)
    fault = caught.value
    kept = f"{fault!r} {fault.exchange} {ours!r} {vars(ours)} {caplog.text}"
    assert not leaks(kept)


def test_key_that_a_task_echoes_is_not_kept() -> None:
    task, exchange = says(200, FAILED | {"note": KEY, "error": {"message": f"key {KEY}"}}).read("task_abc123")
    assert not leaks(f"{task} {task.raw} {exchange}")
    assert task.error_message == "key [key]"


def test_key_is_not_logged_by_http2() -> None:
    assert not logging.getLogger("hpack.hpack").isEnabledFor(logging.DEBUG)


def leaks(text: str) -> bool:
    return "canary" in text or "another0123" in text or "0123456789" in text


def test_kept_body_is_at_most_64_kilobytes() -> None:
    with pytest.raises(Unknown) as caught:
        says(200, "€" * 65_536).create(REQUEST)
    assert 65_533 <= len(caught.value.raw.encode()) <= 65_536


def test_kept_body_suits_a_database() -> None:
    with pytest.raises(Unknown) as caught:
        says(200, b"a\0b\xff").create(REQUEST)
    assert caught.value.raw == "ab\N{REPLACEMENT CHARACTER}"


def test_half_a_surrogate_in_a_prompt_is_sent_as_a_question_mark() -> None:
    sent: list[Any] = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(json.loads(request.content)["prompt"])
        return httpx.Response(200, json=SUBMITTED["flat"])

    relay(handler).create(VideoRequest(model="m", prompt="a\ud800", seconds=5))
    assert sent == ["a?"]


def read_async(handler: Handler, task_id: str) -> Task:
    async def ask() -> Task:
        async with AsyncRelay(BASE, KEY, transport=httpx.MockTransport(handler), pools=2) as ours:
            assert repr(ours) == f"AsyncRelay({BASE!r})"
            task, _ = await ours.read(task_id)
            return task

    return asyncio.run(ask())


def test_async_read_brings_the_task() -> None:
    task = read_async(lambda request: httpx.Response(200, json=DONE["envelope"]), "task_abc123")
    assert (task.phase, task.quota) == (Phase.DONE, 472500)


@pytest.mark.parametrize("body", [[], {}, {"tasks": {}}, "no"])
def test_listing_that_is_no_list_of_tasks_is_unreadable(body: object) -> None:
    with pytest.raises(Unreadable):
        says(200, body).listing()


def test_listing_passes_over_what_is_no_task() -> None:
    assert says(200, {"tasks": [{"task_id": "task_1"}, None, 7]}).listing() == [{"task_id": "task_1"}]


def test_account_never_shows_its_key() -> None:
    assert repr(Account(BASE, KEY)) == f"Account({BASE!r})"
