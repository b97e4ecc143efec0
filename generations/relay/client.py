"""The client: Relay for one request at a time, AsyncRelay for many reads at once. Every fault is a RelayFault.

What an answer means is decided in verdicts.py; what may be done after a fault is drawn in errors.py.
"""

import asyncio
import io
import itertools
import json
import logging
import ssl
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import httpx

from generations.relay.account import Account, anonymous_headers
from generations.relay.calling import PATIENCE, Asked, Caller, timeout, tls
from generations.relay.calling import Timeouts as Timeouts
from generations.relay.chat import ChatRequest
from generations.relay.errors import NotSent, Unknown, Unreadable
from generations.relay.exchange import Exchange as Exchange
from generations.relay.files import File
from generations.relay.images import ImageRequest, ImageResult
from generations.relay.reading import TASK_ID, Json
from generations.relay.receiving import BODY_BYTES, Call, Silence
from generations.relay.verdicts import Reply, answer, judge_order, judge_read, judge_submit, judge_upload
from generations.relay.wire import Task, VideoRequest
from generations.relay.words import Words

LISTING_BYTES = 64 * BODY_BYTES
IMAGE_BYTES = 32 * BODY_BYTES  # of an answer with images in it
STREAM_BYTES = 8 * BODY_BYTES  # of words in chunks: some 300 bytes a token

# HTTP/2's header compression logs every header that it packs, the key among them.
logging.getLogger("hpack").setLevel(logging.INFO)


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
        self._caller = Caller(Account(base_url, api_key), transport, timeouts)
        self._timeouts = timeouts

    def __repr__(self) -> str:
        return f"Relay({self._account.base_url!r})"

    @property
    def _account(self) -> Account:
        return self._caller.account

    def create(self, request: VideoRequest) -> tuple[Task, Exchange]:
        """Submit a job. Raises NotSent, RateLimited, Refused, NotAccepted, or Unknown: never send that again."""
        reply = self._order("/video/generations", request.to_json(), self._timeouts.submit, BODY_BYTES)
        return judge_submit(reply), reply.exchange

    def images(self, request: ImageRequest) -> tuple[ImageResult, Exchange]:
        """Still images, made while we wait. Raises as create: an answer that is lost may be billed."""
        reply = self._order("/images/generations", request.to_json(), self._timeouts.images, IMAGE_BYTES)
        return judge_order(reply, ImageResult.from_json), reply.exchange

    def chat(self, request: ChatRequest, *, is_stream: bool = True) -> Words:
        """The answer, to be read piece by piece. Nothing is sent before its first step."""
        asked = Asked(
            method="POST",
            path="/chat/completions",
            wait_seconds=self._timeouts.chat,
            whole_seconds=self._timeouts.stream,
            content=_json(request.to_json(is_stream=is_stream)),
            most_bytes=STREAM_BYTES,
        )
        return Words(self._caller, asked)

    def upload(self, source: Path | bytes, name: str, content_type: str) -> tuple[File, Exchange]:
        """Bytes that a model can be shown. Costs nothing, so it may be sent again after any fault but Refused.

        Raises NotSent, RateLimited, Refused, NotAccepted or Unreadable; OSError when `source` cannot be read.
        """
        with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as file:
            asked = Asked(
                method="POST",
                path="/files",
                wait_seconds=self._timeouts.submit,
                whole_seconds=self._timeouts.upload,
                files={"file": (name, file, content_type)},
            )
            said = self._caller.call(asked)
        if isinstance(said, Silence):
            raise (Unreadable if said.was_sent else NotSent)(said.problem, exchange=said.exchange)
        return judge_upload(said), said.exchange

    def read(self, task_id: str) -> tuple[Task, Exchange]:
        """The task as it stands. Raises Unreadable, UnknownTask, KeyRefused or RateLimited."""
        path = read_path(task_id)
        reply = self._get(path)
        return judge_read(reply, task_id), reply.exchange

    def models(self) -> list[str]:
        """The models that this key may use."""
        reply = self._get("/models")
        return _model_names(reply)

    def pricing(self) -> dict[str, object]:
        """The relay's price list, as it gives it. Asked for without the key."""
        reply = self._get("/api/pricing", is_public=True)
        prices = answer(reply)
        if not isinstance(prices, dict) or not isinstance(prices.get("data"), list):
            raise Unreadable("not a price list", exchange=reply.exchange)
        return prices

    def listing(self) -> list[Json]:
        """Every task that the relay has under this key. Only the sandbox tells: else raises Unreadable."""
        asked = Asked(
            method="GET",
            path="/sandbox/tasks",
            wait_seconds=self._timeouts.read,
            is_at_root=True,
            most_bytes=LISTING_BYTES,
        )
        reply = _heard(self._caller.call(asked))
        body = answer(reply)
        tasks = body.get("tasks") if isinstance(body, dict) else None
        if not isinstance(tasks, list):
            raise Unreadable("not a list of tasks", exchange=reply.exchange)
        return [task for task in tasks if isinstance(task, dict)]

    def content_url(self, task_id: str) -> str:
        """Where the bytes of a task are that is done and names no url. Raises Unreadable for an odd id."""
        return self._account.url(f"/videos{_segment(task_id)}/content")

    def download_headers(self, url: str) -> dict[str, str]:
        """What a download must send: the key, and only to the relay's own origin."""
        return self._account.headers() if self._account.is_own(url) else anonymous_headers()

    def _order(self, path: str, body: Json, wait_seconds: float, most_bytes: int) -> Reply:
        """POST what costs money. Raises NotSent or Unknown when no answer came."""
        asked = Asked(method="POST", path=path, wait_seconds=wait_seconds, content=_json(body), most_bytes=most_bytes)
        said = self._caller.call(asked)
        if isinstance(said, Silence):
            raise (Unknown if said.was_sent else NotSent)(said.problem, exchange=said.exchange)
        return said

    def _get(self, path: str, *, is_public: bool = False) -> Reply:
        asked = Asked(method="GET", path=path, wait_seconds=self._timeouts.read, is_public=is_public)
        return _heard(self._caller.call(asked))


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
        secure = tls("HTTP/2")
        self._pools = [self._pool(transport, secure, connections) for _ in range(pools)]
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
        self, transport: httpx.AsyncBaseTransport | None, secure: ssl.SSLContext, connections: int
    ) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            verify=secure,
            http2=True,
            trust_env=False,
            transport=transport,
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
            timeout=timeout(self._timeouts, self._timeouts.read),
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


def _json(body: Json) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
