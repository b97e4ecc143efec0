"""Words: the answer of a chat as it comes, piece by piece. Leaving it early stops the relay. Its shapes: chat.py."""

import json
from collections.abc import Generator, Iterator
from types import TracebackType
from typing import Self

import httpx

from generations.relay.calling import Asked, Caller
from generations.relay.chat import Piece, Usage
from generations.relay.errors import Malformed, NotSent, Unknown
from generations.relay.exchange import Exchange
from generations.relay.receiving import Call, Silence
from generations.relay.verdicts import judge_order

STREAM = "text/event-stream"
END = b"[DONE]"


class Words:
    """Iterate for the pieces of text, in a `with`: leaving it, or close(), ends the connection and so the writing.

    The first step sends the request. Raises NotSent, RateLimited, Refused, NotAccepted, or Unknown when it was sent
    and did not come whole: what came until then stands in `text`. After the end `usage` and `finish_reason` are
    known where the relay told them, and `exchange` says what was said.
    """

    def __init__(self, caller: Caller, asked: Asked) -> None:
        self.usage: Usage | None = None
        self.finish_reason = ""
        self.exchange: Exchange | None = None
        self._kept: list[str] = []
        self._is_ended = False
        self._hider = caller.account.hider
        self._pieces = self._come(caller, asked)

    def __iter__(self) -> Iterator[str]:
        return self._pieces

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._pieces.close()

    @property
    def text(self) -> str:
        """All that came until now."""
        return self._hider.hide("".join(self._kept))

    def _come(self, caller: Caller, asked: Asked) -> Generator[str]:
        call, problem, is_stream = caller.begun(asked), "", False
        fault: Exception | None = None
        try:
            with caller.opened(asked) as response:
                call.begin(response.status_code, response.headers)
                is_stream = response.status_code == 200 and STREAM in response.headers.get("content-type", "")
                for line in _lines(response, call):
                    if is_stream and (piece := self._take(line)):
                        yield piece
        except GeneratorExit:
            self.exchange = call.end().exchange
            raise
        except Malformed as malformed:
            problem = malformed.message
        except Exception as broken:  # noqa: BLE001 - whatever breaks, what it means for the bill must be said
            fault = broken
        yield from self._end(call, fault, problem, is_stream)

    def _end(self, call: Call, fault: Exception | None, problem: str, is_stream: bool) -> Iterator[str]:
        """Raises what the end means; gives the text of an answer that was no stream."""
        said = call.end(fault)
        self.exchange = said.exchange
        if isinstance(said, Silence):
            raise (Unknown if said.was_sent else NotSent)(said.problem, exchange=said.exchange)
        if not is_stream:
            yield self._keep(judge_order(said, Piece.whole))
        elif problem or not self._is_ended:
            raise Unknown(problem or said.problem or "the words broke off", exchange=said.exchange)

    def _take(self, line: bytes) -> str:
        """The text of one line of the stream; comments and other fields have none. Raises Malformed."""
        name, _, value = line.partition(b":")
        if name != b"data" or self._is_done(value := value.strip()):
            return ""
        try:
            said: object = json.loads(value)
        except (ValueError, RecursionError):
            raise Malformed("a piece of the stream is not JSON") from None
        return self._keep(Piece.from_json(said))

    def _is_done(self, value: bytes) -> bool:
        self._is_ended = self._is_ended or value == END
        return value == END

    def _keep(self, piece: Piece) -> str:
        text = self._hider.hide(piece.text)
        self._kept.append(text)
        self.usage = piece.usage or self.usage
        self.finish_reason = piece.finish_reason or self.finish_reason
        self._is_ended = self._is_ended or bool(piece.finish_reason)
        return text


def _lines(response: httpx.Response, call: Call) -> Iterator[bytes]:
    """The body's lines as they come, each kept by `call`. Ends early when there shall be no more."""
    rest = b""
    for chunk in response.iter_bytes():
        if not call.take(chunk):
            return
        *lines, rest = (rest + chunk).split(b"\n")
        yield from lines
    yield rest
