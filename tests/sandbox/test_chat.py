"""The prompt improver: it keeps what was written and adds to it; whole or as a stream, stopped, sold by its tokens."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from generations.relay.chat import ChatRequest, Message, Piece
from generations.relay.client import Relay
from generations.relay.errors import Unknown
from generations.sandbox.chat import improved, tokens
from generations.sandbox.listener import Listener
from generations.sandbox.messages import BrokenOff, Response
from generations.sandbox.server import Sandbox, Settings
from tests.sandbox.talking import KEY, Talk, body, until

PROMPT = "@image2 waves at @image1, 狐 says: “hi”\n@audio1 plays"


@pytest.fixture
def talk(sandbox: Sandbox) -> Talk:
    sandbox.engine.wait_seconds = 0
    return Talk(sandbox)


def asked(prompt: str = PROMPT, **overrides: object) -> ChatRequest:
    messages = (Message(role="system", content="Improve it."), Message(role="user", content=prompt))
    return ChatRequest(**{"model": "grok-4.3", "messages": messages} | overrides)  # type: ignore[arg-type]


def ask(talk: Talk, request: ChatRequest, is_stream: bool = False, **more: object) -> Response:
    sent = request.to_json(is_stream=is_stream) | more
    return talk.ask("POST", "/v1/chat/completions", json.dumps(sent).encode())


def events(answer: Response) -> list[str]:
    return [line.removeprefix("data: ") for line in b"".join(answer.blocks()).decode().split("\n\n") if line]


def test_improved_prompt_keeps_what_was_written_and_says_more() -> None:
    assert improved(PROMPT).startswith(f"{PROMPT}. ")
    assert len(improved(PROMPT)) > len(PROMPT) + 60
    assert improved(PROMPT) == improved(PROMPT) != improved("Another")


def test_chat_answers_whole_with_its_usage(talk: Talk) -> None:
    said = body(ask(talk, asked()))
    piece = Piece.whole(said)
    assert (said["object"], said["model"], piece.text, piece.finish_reason) == (
        "chat.completion",
        "grok-4.3",
        improved(PROMPT),
        "stop",
    )
    assert piece.usage is not None
    assert piece.usage.completion_tokens == tokens(improved(PROMPT))


def test_chat_streams_the_same_words_and_ends(talk: Talk) -> None:
    answer = ask(talk, asked(), is_stream=True)
    assert answer.headers["Content-Type"] == "text/event-stream"
    *said, end = events(answer)
    pieces = [Piece.from_json(json.loads(event)) for event in said]
    assert "".join(piece.text for piece in pieces) == improved(PROMPT)
    assert (end, pieces[-2].finish_reason, pieces[-1].usage is not None) == ("[DONE]", "stop", True)


@pytest.mark.parametrize("more", [{"stream_options": None}, {"stream_options": {"include_usage": False}}])
def test_chat_streams_usage_only_when_asked(talk: Talk, more: dict[str, object]) -> None:
    assert "usage" not in "".join(events(ask(talk, asked(), is_stream=True, **more)))


def test_chat_keeps_to_max_tokens(talk: Talk) -> None:
    piece = Piece.whole(body(ask(talk, asked(max_tokens=3))))
    assert (piece.text, piece.finish_reason) == ("@image2 waves at", "length")


@pytest.mark.parametrize("is_stream", [True, False])
def test_chat_is_sold_by_both_prices(talk: Talk, is_stream: bool) -> None:
    b"".join(ask(talk, asked("x" * 4_000_000), is_stream=is_stream).blocks())
    (sale,) = talk.sandbox.shelf.sales()
    assert sale["kind"] == "chat"
    assert sale["quota"] == pytest.approx((1.125 + 2.25) * 500_000, rel=1e-3)


def test_chat_that_is_left_is_sold_as_far_as_it_came(talk: Talk) -> None:
    stream = ask(talk, asked(), is_stream=True).blocks()
    next(stream), next(stream)
    stream.close()  # type: ignore[attr-defined]
    (sale,) = talk.sandbox.shelf.sales()
    assert sale["detail"] == f"{3 + tokens(PROMPT)} read, {tokens('@image2 waves')} written"


def test_chat_cut_breaks_off_without_an_end(talk: Talk) -> None:
    with pytest.raises(BrokenOff):
        b"".join(ask(talk, asked("kite [cut]"), is_stream=True).blocks())


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (asked(model="gpt"), 404),
        (asked(model="grok-imagine-image"), 404),
        (asked(" "), 400),
        (asked(messages=(Message(role="system", content="s"),)), 400),
        (asked("kite [balance]"), 403),
        (asked("kite [503]"), 503),
    ],
)
def test_chat_refused_is_not_sold(talk: Talk, request_: ChatRequest, status: int) -> None:
    assert ask(talk, request_, is_stream=True).status == status
    assert talk.sandbox.shelf.sales() == []


def test_chat_whose_answer_is_lost_is_sold(talk: Talk) -> None:
    assert ask(talk, asked("kite [lost-answer]"), is_stream=True).is_lost
    assert len(talk.sandbox.shelf.sales()) == 1


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Listener]:
    with Listener(Sandbox(Settings(data=tmp_path, wait_seconds=0.2))) as made:
        yield made


def test_client_reads_the_stream(listener: Listener) -> None:
    with Relay(f"{listener.url}/v1", KEY).chat(asked()) as words:
        pieces = list(words)
    assert ("".join(pieces), len(pieces) > 10) == (improved(PROMPT), True)
    assert words.usage is not None


def test_client_that_stops_ends_the_writing(listener: Listener) -> None:
    with Relay(f"{listener.url}/v1", KEY).chat(asked("A kite [slow]")) as words:
        assert next(iter(words)) == "A"
    (sale,) = until(lambda: listener._sandbox.shelf.sales())
    assert int(sale["detail"].split()[2]) < tokens(improved("A kite [slow]")) / 2


@pytest.mark.parametrize("word", ["cut", "504", "html", "lost-answer"])
def test_client_cannot_know_what_became_of_it(listener: Listener, word: str) -> None:
    with pytest.raises(Unknown):
        list(Relay(f"{listener.url}/v1", KEY).chat(asked(f"kite [{word}]")))


def test_sandbox_that_stops_breaks_the_stream_off(tmp_path: Path) -> None:
    with Listener(Sandbox(Settings(data=tmp_path, wait_seconds=0))) as made:
        words = Relay(f"{made.url}/v1", KEY).chat(asked("A kite [slow]"))
        next(iter(words))
    with pytest.raises(Unknown):
        list(words)


def test_listener_takes_files_of_any_allowed_size_and_no_more(listener: Listener) -> None:
    headers = {"Authorization": f"Bearer {KEY}"}
    big = {"file": ("a.png", b"\0" * 3_000_000, "image/png")}
    assert httpx.post(f"{listener.url}/v1/files", files=big, headers=headers).status_code == 400
    refused = httpx.post(f"{listener.url}/v1/images/generations", content=b"x" * 3_000_000, headers=headers)
    assert refused.status_code == 413
