"""One request on a fresh HTTP/1.1 connection, sent once, ended at its deadline. What the answer means: verdicts.py."""

import contextlib
import functools
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import httpx

from generations.relay.account import Account, anonymous_headers
from generations.relay.alarm import Alarm
from generations.relay.receiving import BODY_BYTES, Call, Silence
from generations.relay.verdicts import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds. All but `connect` and `write` wait for the next bytes; the whole answer may take `deadline` more.

    An upload may take `upload` as a whole, and words that come as a stream `stream`.
    """

    connect: float = 10
    write: float = 30
    submit: float = 120
    read: float = 20
    deadline: float = 20
    images: float = 180
    chat: float = 90
    stream: float = 300
    upload: float = 300


PATIENCE = Timeouts()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is sent. `whole_seconds` None is the wait and the deadline; `most_bytes` is what the answer may have."""

    method: str
    path: str
    wait_seconds: float
    whole_seconds: float | None = None
    content: bytes | None = None  # JSON
    files: Mapping[str, Any] | None = None  # as httpx takes them
    is_public: bool = False  # asked for without the key, at the relay's root
    is_at_root: bool = False  # with the key, but beside /v1
    most_bytes: int = BODY_BYTES
    headers: Mapping[str, str] = field(default_factory=dict)


class Caller:
    """Sends to one account. A request is never repeated, a connection never kept."""

    def __init__(self, account: Account, transport: httpx.BaseTransport | None, timeouts: Timeouts) -> None:
        self.account = account
        self.timeouts = timeouts
        self._transport = transport
        self._tls = tls("HTTP/1.1")

    def call(self, asked: Asked) -> Reply | Silence:
        """The whole answer, or why there is none."""
        call = self.begun(asked)
        try:
            with self.opened(asked) as response:
                call.begin(response.status_code, response.headers)
                for chunk in response.iter_bytes():
                    if not call.take(chunk):
                        break
        except Exception as fault:  # noqa: BLE001 - whatever breaks, what it means for the bill must be said
            return call.end(fault)
        return call.end()

    def begun(self, asked: Asked) -> Call:
        return Call(asked.method, asked.path, self.account.hider, asked.most_bytes)

    @contextlib.contextmanager
    def opened(self, asked: Asked) -> Iterator[httpx.Response]:
        """The answer's head is here, its body can be read. Raises whatever httpx does."""
        account = self.account
        url = account.root_url(asked.path) if asked.is_public or asked.is_at_root else account.url(asked.path)
        headers = {**(anonymous_headers() if asked.is_public else account.headers()), **asked.headers}
        if asked.content is not None:
            headers["Content-Type"] = "application/json"
        alarm = Alarm(asked.whole_seconds or asked.wait_seconds + self.timeouts.deadline)
        with (
            alarm,
            self._client(asked.wait_seconds) as client,
            client.stream(
                asked.method,
                url,
                headers=headers | {"Connection": "close"},
                content=asked.content,
                files=asked.files,
                extensions={"trace": alarm.trace},
            ) as response,
        ):
            yield response

    def _client(self, wait_seconds: float) -> httpx.Client:
        return httpx.Client(
            verify=self._tls,
            trust_env=False,
            transport=self._transport,
            limits=httpx.Limits(max_connections=1, max_keepalive_connections=0),
            timeout=timeout(self.timeouts, wait_seconds),
        )


def timeout(timeouts: Timeouts, wait_seconds: float) -> httpx.Timeout:
    return httpx.Timeout(connect=timeouts.connect, write=timeouts.write, read=wait_seconds, pool=wait_seconds)


@functools.cache
def tls(protocol: Literal["HTTP/1.1", "HTTP/2"]) -> ssl.SSLContext:
    """One a protocol: a context carries the protocols that it offers."""
    return httpx.create_ssl_context(trust_env=False)
