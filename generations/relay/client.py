"""The client: Relay for one request at a time, AsyncRelay for many reads at once. Every fault is a RelayFault.

What an answer means is decided in verdicts.py; what may be done after a fault is drawn in errors.py.
"""

import asyncio
import functools
import itertools
import json
import logging
import ssl
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Self
from urllib.parse import quote

import httpx

from generations.relay.account import Account, anonymous_headers
from generations.relay.alarm import Alarm
from generations.relay.errors import NotSent, Unknown, Unreadable
from generations.relay.exchange import Exchange as Exchange
from generations.relay.reading import TASK_ID
from generations.relay.receiving import Call, Silence
from generations.relay.verdicts import Reply, answer, judge_read, judge_submit
from generations.relay.wire import Task, VideoRequest

# HTTP/2's header compression logs every header that it packs, the key among them.
logging.getLogger("hpack").setLevel(logging.INFO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds. `submit` and `read` wait for the next bytes; the whole answer may take `deadline` more."""

    connect: float = 10
    write: float = 30
    submit: float = 120
    read: float = 20
    deadline: float = 20


PATIENCE = Timeouts()


class Relay:
    """One request at a time, each on a fresh HTTP/1.1 connection, none ever repeated.

    Every method raises a RelayFault, and nothing else, when it brings no result.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        transport: httpx.BaseTransport | None = None,
        timeouts: Timeouts = PATIENCE,
    ) -> None:
        self._account = Account(base_url, api_key)
        self._transport = transport
        self._timeouts = timeouts
        self._tls = _tls("HTTP/1.1")

    def __repr__(self) -> str:
        return f"Relay({self._account.base_url!r})"

    def create(self, request: VideoRequest) -> tuple[Task, Exchange]:
        """Submit a job. Raises NotSent, RateLimited, Refused, NotAccepted, or Unknown: never send that again."""
        body = json.dumps(request.to_json(), ensure_ascii=False).encode("utf-8", "replace")
        said = self._call("POST", "/video/generations", wait_seconds=self._timeouts.submit, content=body)
        if isinstance(said, Silence):
            raise (Unknown if said.was_sent else NotSent)(said.problem, exchange=said.exchange)
        return judge_submit(said), said.exchange

    def read(self, task_id: str) -> tuple[Task, Exchange]:
        """The task as it stands. Raises Unreadable, UnknownTask, KeyRefused or RateLimited."""
        path = read_path(task_id)
        reply = _heard(self._call("GET", path, wait_seconds=self._timeouts.read))
        return judge_read(reply, task_id), reply.exchange

    def models(self) -> list[str]:
        """The models that this key may use."""
        reply = _heard(self._call("GET", "/models", wait_seconds=self._timeouts.read))
        return _model_names(reply)

    def pricing(self) -> dict[str, object]:
        """The relay's price list, as it gives it. Asked for without the key."""
        reply = _heard(self._call("GET", "/api/pricing", wait_seconds=self._timeouts.read, is_public=True))
        prices = answer(reply)
        if not isinstance(prices, dict) or not isinstance(prices.get("data"), list):
            raise Unreadable("not a price list", exchange=reply.exchange)
        return prices

    def content_url(self, task_id: str) -> str:
        """Where the bytes of a task are that is done and names no url. Raises Unreadable for an odd id."""
        return self._account.url(f"/videos{_segment(task_id)}/content")

    def download_headers(self, url: str) -> dict[str, str]:
        """What a download must send: the key, and only to the relay's own origin."""
        return self._account.headers() if self._account.is_own(url) else anonymous_headers()

    def _call(
        self, method: str, path: str, *, wait_seconds: float, content: bytes | None = None, is_public: bool = False
    ) -> Reply | Silence:
        account = self._account
        url = account.root_url(path) if is_public else account.url(path)
        headers = (anonymous_headers() if is_public else account.headers()) | {"Connection": "close"}
        if content is not None:
            headers["Content-Type"] = "application/json"
        call = Call(method, path, account.hider)
        alarm = Alarm(wait_seconds + self._timeouts.deadline)
        told = {"trace": alarm.trace}
        try:
            with (
                alarm,
                self._client(wait_seconds) as client,
                client.stream(method, url, headers=headers, content=content, extensions=told) as response,
            ):
                call.begin(response.status_code, response.headers)
                for chunk in response.iter_bytes():
                    if not call.take(chunk):
                        break
        except Exception as fault:  # noqa: BLE001 - whatever breaks, what it means for the bill must be said
            return call.end(fault)
        return call.end()

    def _client(self, wait_seconds: float) -> httpx.Client:
        return httpx.Client(
            verify=self._tls,
            trust_env=False,
            transport=self._transport,
            limits=httpx.Limits(max_connections=1, max_keepalive_connections=0),
            timeout=_timeout(self._timeouts, wait_seconds),
        )


class AsyncRelay:
    """Many reads at once: HTTP/2 where the relay speaks it, else several small pools of connections.

    Use as an async context manager, one per event loop. One pool grows slower with every connection in it.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        transport: httpx.AsyncBaseTransport | None = None,
        timeouts: Timeouts = PATIENCE,
        pools: int = 20,
        connections: int = 5,
    ) -> None:
        self._account = Account(base_url, api_key)
        self._timeouts = timeouts
        tls = _tls("HTTP/2")
        self._pools = [self._pool(transport, tls, connections) for _ in range(pools)]
        self._turns = itertools.cycle(self._pools)

    def __repr__(self) -> str:
        return f"AsyncRelay({self._account.base_url!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        for pool in self._pools:
            await pool.aclose()

    async def read(self, task_id: str) -> tuple[Task, Exchange]:
        """The task as it stands. Raises Unreadable, UnknownTask, KeyRefused or RateLimited."""
        path = read_path(task_id)
        reply = _heard(await self._call("GET", path))
        return judge_read(reply, task_id), reply.exchange

    async def _call(self, method: str, path: str) -> Reply | Silence:
        account = self._account
        whole = self._timeouts.read + self._timeouts.deadline
        call = Call(method, path, account.hider)
        request = next(self._turns).stream(method, account.url(path), headers=account.headers())
        try:
            async with asyncio.timeout(whole), request as response:
                call.begin(response.status_code, response.headers)
                async for chunk in response.aiter_bytes():
                    if not call.take(chunk):
                        break
        except Exception as fault:  # noqa: BLE001 - a read that breaks, however it breaks, is no answer
            return call.end(fault)
        return call.end()

    def _pool(
        self, transport: httpx.AsyncBaseTransport | None, tls: ssl.SSLContext, connections: int
    ) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            verify=tls,
            http2=True,
            trust_env=False,
            transport=transport,
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
            timeout=_timeout(self._timeouts, self._timeouts.read),
        )


def read_path(task_id: str) -> str:
    """Raises Unreadable for an id that no relay gives."""
    return f"/video/generations{_segment(task_id)}"


def _segment(task_id: str) -> str:
    if not TASK_ID.fullmatch(task_id):
        silent = Exchange(method="GET", path="/video/generations/")
        raise Unreadable("not a task id", exchange=silent)
    return "/" + quote(task_id, safe="")


def _heard(said: Reply | Silence) -> Reply:
    if isinstance(said, Silence):
        raise Unreadable(said.problem, exchange=said.exchange)
    return said


def _model_names(reply: Reply) -> list[str]:
    said = answer(reply)
    models = said.get("data") if isinstance(said, dict) else None
    if not isinstance(models, list):
        raise Unreadable("not a list of models", exchange=reply.exchange)
    named = (model.get("id") for model in models if isinstance(model, dict))
    return [name for name in named if isinstance(name, str) and name]


def _timeout(timeouts: Timeouts, wait_seconds: float) -> httpx.Timeout:
    return httpx.Timeout(connect=timeouts.connect, write=timeouts.write, read=wait_seconds, pool=wait_seconds)


@functools.cache
def _tls(protocol: Literal["HTTP/1.1", "HTTP/2"]) -> ssl.SSLContext:
    """One a protocol: a context carries the protocols that it offers."""
    return httpx.create_ssl_context(trust_env=False)
