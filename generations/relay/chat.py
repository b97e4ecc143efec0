"""The relay's words for text: POST /v1/chat/completions, whole or in chunks. Reading a stream of them: words.py."""

from dataclasses import dataclass
from typing import Literal, cast, get_args

from generations.relay import reading
from generations.relay.errors import Malformed
from generations.relay.reading import Json

Speaker = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    role: Speaker
    content: str

    def to_json(self) -> Json:
        return {"role": self.role, "content": self.content}

    @classmethod
    def from_json(cls, body: object) -> "Message":
        """Content as text, or as parts of which each is text. Raises Malformed."""
        said = reading.as_object(body, "messages")
        role = "system" if said.get("role") == "developer" else said.get("role")
        if role not in get_args(Speaker):
            raise Malformed("messages must have the role system, user or assistant", "messages")
        return cls(role=cast(Speaker, role), content=_content(said.get("content")))


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest:
    model: str
    messages: tuple[Message, ...]
    max_tokens: int | None = None

    def to_json(self, *, is_stream: bool = False) -> Json:
        """A stream is asked to tell its usage, which it would not do by itself."""
        body: Json = {"model": self.model, "messages": [message.to_json() for message in self.messages]}
        if self.max_tokens is not None:
            body["max_tokens"] = self.max_tokens
        return body | ({"stream": True, "stream_options": {"include_usage": True}} if is_stream else {})

    @classmethod
    def from_json(cls, body: object) -> "ChatRequest":
        """Raises Malformed, naming the field; what the contract does not name is passed over."""
        asked = reading.as_object(body)
        if not isinstance(asked.get("model"), str):
            raise Malformed("model must be a string", "model")
        if not isinstance(asked.get("messages"), list) or not asked["messages"]:
            raise Malformed("messages must be a list of at least one", "messages")
        limit = asked.get("max_completion_tokens", asked.get("max_tokens"))
        if limit is not None and (type(limit) is not int or limit < 1):
            raise Malformed("max_tokens must be a whole number above 0", "max_tokens")
        messages = tuple(Message.from_json(entry) for entry in asked["messages"])
        return cls(model=asked["model"], messages=messages, max_tokens=limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens: what was read and what was written."""

    prompt_tokens: int
    completion_tokens: int

    def to_json(self) -> Json:
        total = self.prompt_tokens + self.completion_tokens
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "total_tokens": total,
        }

    @classmethod
    def read(cls, body: object) -> "Usage | None":
        """None when it is not told whole."""
        if not isinstance(body, dict):
            return None
        read, written = (
            reading.number(body.get(name), reading.LARGEST) for name in ("prompt_tokens", "completion_tokens")
        )
        return None if read is None or written is None else cls(prompt_tokens=read, completion_tokens=written)

    def cost_micros(self, input_micros_per_million: int, output_micros_per_million: int) -> int:
        """At these prices, half a micro rounded up."""
        total = self.prompt_tokens * input_micros_per_million + self.completion_tokens * output_micros_per_million
        return (total + 500_000) // 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One chunk of a stream, or the whole answer: some text, why it ended, what it used; each may be missing."""

    text: str = ""
    finish_reason: str = ""
    usage: Usage | None = None

    def to_json(self, answer_id: str, model: str, created_at: int, *, is_chunk: bool) -> Json:
        """`created_at` in unix seconds. A chunk that only tells the usage has no choices."""
        kind = "chat.completion.chunk" if is_chunk else "chat.completion"
        body: Json = {"id": answer_id, "object": kind, "created": created_at, "model": model, "choices": []}
        said: Json = {"role": "assistant", "content": self.text} if self.text or not is_chunk else {}
        if said or self.finish_reason:
            choice = {"index": 0, ("delta" if is_chunk else "message"): said}
            body["choices"] = [choice | {"finish_reason": self.finish_reason or None}]
        return body | ({"usage": self.usage.to_json()} if self.usage else {})

    @classmethod
    def from_json(cls, body: object) -> "Piece":
        """Raises Malformed when it is neither a chunk nor an answer; an error inside a stream is Malformed too."""
        said = reading.as_object(reading.clean(body))
        if said.get("error"):
            raise Malformed(f"the relay broke off: {_reason(said['error'])}")
        choices = said.get("choices")
        if not isinstance(choices, list):
            raise Malformed("without choices", "choices")
        choice = choices[0] if choices and isinstance(choices[0], dict) else {}
        inner = choice.get("delta") if isinstance(choice.get("delta"), dict) else choice.get("message")
        content = inner.get("content") if isinstance(inner, dict) else ""
        return cls(
            text=content if isinstance(content, str) else "",
            finish_reason=reading.text(choice.get("finish_reason"))[:40],
            usage=Usage.read(said.get("usage")),
        )

    @classmethod
    def whole(cls, body: object) -> "Piece":
        """An answer that did not come as a stream. Raises Malformed when it says nothing."""
        piece = cls.from_json(body)
        if not piece.text:
            raise Malformed("without any text", "choices")
        return piece


def _content(value: object) -> str:
    if isinstance(value, str):
        return value
    parts = value if isinstance(value, list) else [None]
    texts = [part.get("text") if isinstance(part, dict) and part.get("type") == "text" else None for part in parts]
    if not all(isinstance(text, str) for text in texts):
        raise Malformed("messages must have text as content", "messages")
    return "\n".join(str(text) for text in texts)


def _reason(error: object) -> str:
    message = error.get("message") if isinstance(error, dict) else error
    return reading.text(message)[:500] or "without a reason"
