"""POST /v1/chat/completions: a prompt improver without a model, the same for the same prompt. Whole or as a stream.

It keeps what was written, mentions and all, and says more of it.
"""

import json
import re
import secrets
from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import Any

from generations.relay.chat import ChatRequest, Piece, Usage
from generations.sandbox.engine import Engine
from generations.sandbox.menu import SLOW_SECONDS
from generations.sandbox.messages import BrokenOff, Complaint, Response, as_json
from generations.sandbox.scenarios import words_in
from generations.sandbox.shelf import Shelf
from generations.sandbox.submits import lost, trouble

LETTERS_A_TOKEN = 4
SENTENCES = (
    (
        "The camera glides forward slowly at eye level.",
        "One unbroken handheld shot, close to the subject.",
        "A wide shot that closes in little by little.",
        "The camera circles the subject in a calm orbit.",
    ),
    (
        "Low golden light rakes across the scene, long soft shadows.",
        "Cool dusk light, lamps coming on one by one.",
        "Overcast daylight, gentle contrast, true colours.",
        "A single warm beam in the dark, fine dust drifting through it.",
    ),
    (
        "Shallow focus, fine film grain, natural motion.",
        "Crisp detail, steady pace, nothing hurried.",
        "Quiet mood, small movements, air between the sounds.",
        "Rich textures, slow motion in the last second.",
    ),
)


def answer(asked: ChatRequest, body: bytes, shelf: Shelf, engine: Engine) -> Response:
    """The answer to a post; the post is kept, whatever is answered."""
    prompt = next((said.content for said in reversed(asked.messages) if said.role == "user"), "")
    now, words = engine.clock(), words_in(prompt)
    post_id, earlier = engine.store.add_post(asked.model, prompt, None, now)
    refused = trouble(words, earlier)
    if refused:
        engine.store.answer_post(post_id, str(refused.status), None)
        return refused
    try:
        talk = _Talk(asked, prompt, shelf, engine)
    except Complaint as complaint:
        engine.store.answer_post(post_id, str(complaint.status), None)
        raise
    engine.store.answer_post(post_id, "accepted", None)
    wish = json.loads(body)
    if wish.get("stream") is not True:
        said = talk.whole()
        return lost(words) or as_json(said)
    if gone := lost(words):
        talk.whole()
        return gone
    options = wish.get("stream_options")
    tells_usage = isinstance(options, dict) and options.get("include_usage") is True
    return Response(headers={"Content-Type": "text/event-stream"}, stream=talk.chunks(tells_usage=tells_usage))


class _Talk:
    """One answer: what will be said, and what of it is sold."""

    def __init__(self, asked: ChatRequest, prompt: str, shelf: Shelf, engine: Engine) -> None:
        """Raises Complaint when the model is unknown or nothing was asked."""
        self._model = engine.menu.other("text", asked.model)
        if not prompt.strip():
            raise Complaint(400, "invalid_parameter", "messages must hold the text of a user")
        self._prompt, self._words, self._shelf, self._engine = prompt, words_in(prompt), shelf, engine
        self._read = sum(tokens(said.content) for said in asked.messages)
        self._id = f"chatcmpl-{secrets.token_hex(12)}"
        whole = re.findall(r"\s*\S+", improved(prompt))
        self._pieces = whole[: asked.max_tokens]
        self._finish = "stop" if len(self._pieces) == len(whole) else "length"

    def whole(self) -> dict[str, Any]:
        text = "".join(self._pieces)
        usage = self._sell(text)
        piece = Piece(text=text, finish_reason=self._finish, usage=None if "no-cost" in self._words else usage)
        return piece.to_json(self._id, self._model["name"], int(self._engine.clock()), is_chunk=False)

    def chunks(self, *, tells_usage: bool) -> Iterator[bytes]:
        """One word at a time. What was said until it is stopped is sold."""
        said = ""
        try:
            for number, text in enumerate(self._pieces):
                is_cut = "cut" in self._words and number == len(self._pieces) // 2
                if self._engine.pause(self._pause_seconds()) or is_cut:
                    raise BrokenOff
                said += text
                yield self._event(Piece(text=text))
            yield self._event(Piece(finish_reason=self._finish))
        finally:
            usage = self._sell(said)
        if tells_usage and "no-cost" not in self._words:
            yield self._event(Piece(usage=usage))
        yield b"data: [DONE]\n\n"

    def _pause_seconds(self) -> float:
        if "slow" in self._words:
            return SLOW_SECONDS / len(self._pieces)
        return min(2.0, self._engine.wait_seconds) / len(self._pieces)

    def _event(self, piece: Piece) -> bytes:
        said = piece.to_json(self._id, self._model["name"], int(self._engine.clock()), is_chunk=True)
        return b"data: " + json.dumps(said, ensure_ascii=False).encode() + b"\n\n"

    def _sell(self, said: str) -> Usage:
        usage = Usage(prompt_tokens=self._read, completion_tokens=tokens(said))
        price_input, price_output = Decimal(self._model["price_input"]), Decimal(self._model["price_output"])
        usd = (usage.prompt_tokens * price_input + usage.completion_tokens * price_output) / 1_000_000
        self._shelf.sell(
            kind="chat",
            model=self._model["name"],
            prompt=self._prompt,
            quota=int(usd * 500_000),
            detail=f"{usage.prompt_tokens} read, {usage.completion_tokens} written",
            now=self._engine.clock(),
        )
        return usage


def improved(prompt: str) -> str:
    """The prompt as it was written, and three sentences more."""
    chance = Random(prompt)  # noqa: S311 (words, not a secret)
    written = prompt.strip()
    end = "" if written.endswith((".", "!", "?", "…", "。")) else "."
    return " ".join([written + end, *(chance.choice(choices) for choices in SENTENCES)])


def tokens(text: str) -> int:
    """A rough count, as good as any without the model."""
    return -(-len(text) // LETTERS_A_TOKEN)
