"""Words from a chat: as a stream and whole, stopped, broken off; the key never shown."""

import itertools
import json
import socket

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generations.relay.chat import ChatRequest, Message, Piece, Usage
from generations.relay.client import Relay, Timeouts
from generations.relay.errors import KeyRefused, Malformed, NotAccepted, NotSent, RateLimited, RelayFault, Unknown
from tests.net.puppet import Puppet, answer
from tests.relay.samples import BAD_KEY, BROKEN, SLOW_DOWN
from tests.relay.test_client import BASE, KEY, breaks, relay, says
from tests.relay.test_client_sockets import close, drip, slam, stall

ASKED = ChatRequest(model="grok-4.3", messages=(Message(role="system", content="s"), Message(role="user", content="u")))
USAGE = Usage(prompt_tokens=12, completion_tokens=5)
HASTY = Timeouts(connect=1, write=1, chat=0.2, stream=0.5, deadline=0.3)


def chunk(text: str = "", finish: str = "", usage: Usage | None = None) -> bytes:
    piece = Piece(text=text, finish_reason=finish, usage=usage)
    return b"data: " + json.dumps(piece.to_json("c", "m", 1, is_chunk=True)).encode() + b"\n\n"


WHOLE = (
    chunk("A red ") + b": ping\n\n" + chunk("fox 狐") + chunk(finish="stop") + chunk(usage=USAGE) + b"data: [DONE]\n\n"
)


def streams(*pieces: bytes) -> Relay:
    """A relay whose answer comes in these pieces."""
    headers = {"content-type": "text/event-stream; charset=utf-8"}
    return relay(lambda request: httpx.Response(200, content=iter(pieces), headers=headers))


def test_chat_sends_the_documented_request_at_its_first_step() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=WHOLE, headers={"content-type": "text/event-stream"})

    words = relay(handler).chat(ASKED)
    assert seen == []
    assert list(words) == ["A red ", "fox 狐"]
    assert str(seen[0].url) == f"{BASE}/chat/completions"
    assert json.loads(seen[0].content) == {
        "model": "grok-4.3",
        "messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_chat_tells_text_usage_and_exchange_at_its_end() -> None:
    with streams(WHOLE).chat(ASKED) as words:
        for _ in words:
            pass
    assert (words.text, words.usage, words.finish_reason) == ("A red fox 狐", USAGE, "stop")
    assert words.exchange is not None
    assert (words.exchange.status, words.exchange.body.startswith("data: {")) == (200, True)


@pytest.mark.parametrize("is_stream", [True, False])
def test_chat_answered_whole_is_one_piece(is_stream: bool) -> None:
    body = Piece(text="A fox", finish_reason="stop", usage=USAGE).to_json("c", "m", 1, is_chunk=False)
    words = says(200, body, content_type="application/json").chat(ASKED, is_stream=is_stream)
    assert (list(words), words.usage, words.finish_reason) == (["A fox"], USAGE, "stop")


@given(st.lists(st.integers(0, len(WHOLE)), max_size=6))
def test_chat_is_the_same_however_it_is_cut(cuts: list[int]) -> None:
    ends = [0, *sorted(cuts), len(WHOLE)]
    pieces = [WHOLE[start:end] for start, end in itertools.pairwise(ends)]
    words = streams(*pieces).chat(ASKED)
    assert ("".join(words), words.usage) == ("A red fox 狐", USAGE)


def test_chat_with_carriage_returns_is_read_too() -> None:
    assert list(streams(WHOLE.replace(b"\n", b"\r\n")).chat(ASKED)) == ["A red ", "fox 狐"]


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (429, SLOW_DOWN, RateLimited),
        (401, BAD_KEY, KeyRefused),
        (500, BROKEN, NotAccepted),
        (502, "<html>", Unknown),
        (504, BROKEN, Unknown),
        (200, "<html>", Unknown),
        (200, {"choices": []}, Unknown),
        (200, {"choices": [{"message": {"content": ""}}]}, Unknown),
    ],
)
def test_chat_refused_says_what_may_be_done(status: int, body: object, kind: type[Exception]) -> None:
    words = says(status, body).chat(ASKED)
    with pytest.raises(RelayFault) as caught:
        list(words)
    assert type(caught.value) is kind
    assert words.exchange == caught.value.exchange


@pytest.mark.parametrize(
    "end",
    [
        b"",
        b"data: {half\n\n",
        b'data: {"error": {"message": "upstream went away"}}\n\n',
        b"data: []\n\n",
        b"data: " + b" " * (9 << 20),
    ],
)
def test_chat_that_breaks_off_is_unknown_and_keeps_what_came(end: bytes) -> None:
    words = streams(chunk("A red "), end).chat(ASKED)
    with pytest.raises(Unknown):
        list(words)
    assert words.text == "A red "


def test_chat_cut_after_its_finish_is_whole() -> None:
    assert list(streams(chunk("A fox", "stop")).chat(ASKED)) == ["A fox"]


@pytest.mark.parametrize("play", [close, stall, slam, drip], ids=lambda play: play.__name__)
def test_chat_without_an_answer_is_unknown_and_sent_once(play: object) -> None:
    with Puppet(play) as server, pytest.raises(Unknown):  # type: ignore[arg-type]
        list(Relay(f"{server.origin}/v1", KEY, timeouts=HASTY).chat(ASKED))
    assert len(server.requests) == 1


def test_chat_that_never_left_is_not_sent() -> None:
    with pytest.raises(NotSent):
        list(breaks(httpx.ConnectTimeout("no")).chat(ASKED))


def test_chat_that_drips_ends_at_its_deadline() -> None:
    def play(connection: socket.socket, request: bytes, number: int) -> None:
        connection.sendall(answer(b"", content_type="text/event-stream", content_length="9999999"))
        while True:
            connection.sendall(chunk("x"))
            connection.settimeout(0.05)
            try:
                connection.recv(1)
            except TimeoutError:
                continue
            return

    with Puppet(play) as server:
        words = Relay(f"{server.origin}/v1", KEY, timeouts=HASTY).chat(ASKED)
        with pytest.raises(Unknown) as caught:
            list(words)
    assert 400 < caught.value.exchange.milliseconds < 2_000
    assert set(words.text) == {"x"}


def test_chat_that_is_left_closes_the_connection() -> None:
    gone: list[bytes] = []

    def play(connection: socket.socket, request: bytes, number: int) -> None:
        connection.sendall(answer(chunk("A"), content_type="text/event-stream", content_length="9999"))
        gone.append(connection.recv(1))

    with Puppet(play) as server:
        with Relay(f"{server.origin}/v1", KEY).chat(ASKED) as words:
            assert next(iter(words)) == "A"
        while not gone:
            server._thread.join(0.01)
    assert (gone, words.text, words.exchange is not None) == ([b""], "A", True)


def test_chat_never_shows_the_key() -> None:
    words = streams(chunk(f"the key is {KEY[:9]}") + chunk(KEY[9:]) + chunk(KEY, "stop")).chat(ASKED)
    assert KEY not in list(words)
    assert KEY not in f"{words.text} {words.exchange}"


def test_usage_costs_by_both_prices_rounded_half_up() -> None:
    assert Usage(prompt_tokens=1_000_000, completion_tokens=2_000_000).cost_micros(1_125_000, 2_250_000) == 5_625_000
    assert Usage(prompt_tokens=1, completion_tokens=0).cost_micros(500_000, 0) == 1


def test_chat_request_round_trips_and_reads_parts() -> None:
    assert ChatRequest.from_json(ASKED.to_json(is_stream=True)) == ASKED
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    assert Message.from_json({"role": "developer", "content": parts}) == Message(role="system", content="a\nb")


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"model": 3}, "model"),
        ({"messages": []}, "messages"),
        ({"messages": "hi"}, "messages"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "messages"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "messages"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_tokens": True}, "max_tokens"),
    ],
)
def test_chat_request_that_is_malformed_names_the_field(change: dict[str, object], param: str) -> None:
    with pytest.raises(Malformed) as caught:
        ChatRequest.from_json(ASKED.to_json() | change)
    assert caught.value.param == param


def test_limit_of_tokens_is_sent_and_read_back() -> None:
    asked = ChatRequest(model="grok-4.3", messages=ASKED.messages, max_tokens=50)
    assert asked.to_json()["max_tokens"] == 50
    assert ChatRequest.from_json(asked.to_json()) == asked


def test_piece_without_choices_is_malformed() -> None:
    with pytest.raises(Malformed, match="without choices"):
        Piece.from_json({"id": "chunk", "choices": None})
