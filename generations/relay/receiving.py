"""One request to the relay under way: its clock, its capped body, and what came of it. Sends nothing itself."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from generations.relay.exchange import Exchange
from generations.relay.reading import clean_text
from generations.relay.secrets import Hider
from generations.relay.verdicts import Reply

BODY_BYTES = 1_048_576  # more than this is no answer of the relay
KEPT = 65_536  # characters, and bytes, of an answer that are kept
REQUEST_IDS = ("x-request-id", "x-oneapi-request-id", "cf-ray")
PICTURE = re.compile(r'("b64_json"\s*:\s*")([^"]{200,})')  # is kept as a file, not as the words of an answer
# Raised before the first byte of a request leaves.
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """No answer came. `was_sent` is False only when the request surely never left."""

    problem: str
    was_sent: bool
    exchange: Exchange


class Call:
    """One request and what comes back of it."""

    def __init__(self, method: str, path: str, hider: Hider, most_bytes: int = BODY_BYTES) -> None:
        self._method, self._path, self._hider, self._most_bytes = method, path, hider, most_bytes
        self._started = time.monotonic()
        self._body = bytearray()
        self._head: tuple[int, dict[str, str]] | None = None
        self._problem = ""

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """The head of the answer is here."""
        self._head = status, {name.lower(): value for name, value in headers.items()}

    def take(self, chunk: bytes) -> bool:
        """Keep a piece of the body. False when there shall be no more: too long."""
        self._body += chunk
        if len(self._body) > self._most_bytes:
            self._problem = f"the answer is longer than {self._most_bytes // BODY_BYTES} MB"
        return not self._problem

    def end(self, fault: Exception | None = None) -> Reply | Silence:
        """What came of it. The text of `fault` is not quoted: it may hold what we sent."""
        if self._head is None:
            return self._silence(fault)
        if fault is not None:
            self._problem = f"the answer broke off ({type(fault).__name__})"
        status, headers = self._head
        text = self._hider.hide(self._body[: self._most_bytes].decode("utf-8-sig", "replace"))
        exchange = self._exchange(status, headers, text)
        return Reply(status=status, text=text, headers=headers, problem=self._problem, exchange=exchange)

    def _silence(self, fault: Exception | None) -> Silence:
        was_sent = not isinstance(fault, NEVER_SENT)
        problem = f"no answer from the relay ({type(fault).__name__})"
        return Silence(problem=problem, was_sent=was_sent, exchange=self._exchange(None, {}, ""))

    def _exchange(self, status: int | None, headers: Mapping[str, str], text: str) -> Exchange:
        named = next((headers[name] for name in REQUEST_IDS if headers.get(name)), "")
        return Exchange(
            method=self._method,
            path=self._hider.hide_all(self._path),
            status=status,
            milliseconds=round((time.monotonic() - self._started) * 1000),
            request_id=clean_text(self._hider.hide_all(named))[:100],
            body=_cut(clean_text(self._hider.hide_all(PICTURE.sub(_told, text)))),
        )


def _told(picture: re.Match[str]) -> str:
    return f"{picture[1]}[{len(picture[2])} characters]"


def _cut(text: str) -> str:
    return text[:KEPT].encode()[:KEPT].decode("utf-8", "ignore")
