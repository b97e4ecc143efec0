"""The sandbox relay as one function, Request -> Response. Sockets are listener.py's, the life of a task engine.py's."""

import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from generations.relay.chat import ChatRequest
from generations.relay.images import ImageRequest
from generations.relay.wire import Shape
from generations.sandbox import chat, images, results, submits, uploads
from generations.sandbox.engine import Engine
from generations.sandbox.inputs import Inputs, path_of
from generations.sandbox.menu import Menu
from generations.sandbox.messages import Complaint, Request, Response, as_json, as_page
from generations.sandbox.rows import Row
from generations.sandbox.shapes import shape_of, told
from generations.sandbox.shelf import Shelf
from generations.sandbox.store import Store

KEY_PREFIX = "sbx-"
CATALOG = Path(__file__).parent.parent / "catalog" / "catalog.json"
TROUBLED_READS = 3
CALLBACK_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`wait_seconds` is played before each render. `key` None: every key that begins with sbx- is good.

    `studio_url` is the one address beside its own where the sandbox fetches what a task is shown.
    """

    data: Path
    catalog: Path = CATALOG
    wait_seconds: float = 2.0
    key: str | None = None
    studio_url: str | None = None


class Sandbox:
    """A relay of our own. start() sets its engine going, answer() is its whole HTTP face, stop() ends its renders."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        clips = settings.data / "clips"
        clips.mkdir(parents=True, exist_ok=True)
        self._key, self.clock = settings.key, clock
        self.menu = Menu.from_file(settings.catalog)
        self.store = Store(settings.data / "sandbox.sqlite3")
        self.shelf = Shelf(settings.data / "sandbox.sqlite3", settings.data / "files")
        inputs = Inputs(self._own_path, settings.studio_url)
        self.engine = Engine(self.store, self.menu, clips, settings.wait_seconds, self.send, inputs, clock)

    def start(self) -> None:
        self.engine.start()

    def stop(self) -> None:
        self.engine.stop()
        self.store.close()
        self.shelf.close()

    def answer(self, request: Request) -> Response:
        try:
            return self._route(request)
        except Complaint as complaint:
            return complaint.answer()

    def _route(self, request: Request) -> Response:
        """What needs no key, then what does."""
        match request.method, *request.path.strip("/").split("/"):
            case "GET", "healthz":
                return as_json({"status": "ok"})
            case "GET", "api", "pricing":
                return as_json(self.menu.pricing())
            case "GET", "results", name:
                return results.by_address(request, name.removesuffix(".mp4"), self.store, self.engine)
            case "GET", "files", name:
                self.shelf.sweep(self.clock())
                return uploads.serve(request, name, self.shelf, self.clock())
        self._check_key(request)
        return self._route_with_key(request)

    def _route_with_key(self, request: Request) -> Response:
        if answered := self._route_at_once(request):
            return answered
        match request.method, *request.path.strip("/").split("/"):
            case "GET", "v1", "models":
                return as_json(self.menu.models())
            case "POST", "v1", "video", "generations":
                asked = submits.read_body(request.body)
                return submits.submit(asked, origin_of(request), self.store, self.menu, self.engine)
            case "GET", "v1", "video", "generations", task_id:
                return self._read(task_id, request, None)
            case "GET", "v1", "videos", task_id:
                return self._read(task_id, request, "openai")
            case "GET", "v1", "videos", task_id, "content":
                return results.content(request, _known(self.store.find(task_id)), self.engine)
            case "GET", "sandbox", "tasks":
                return as_json(self._everything(request))
        raise Complaint(404, "not_found", f"Invalid URL ({request.method} {request.path[:200]})")

    def _route_at_once(self, request: Request) -> Response | None:
        """What makes no task: it is answered with the thing itself."""
        match request.method, *request.path.strip("/").split("/"):
            case "POST", "v1", "files":
                return uploads.take(request, origin_of(request), self.shelf, self.clock())
            case "POST", "v1", "images", "generations":
                wanted = submits.read(request.body, ImageRequest.from_json)
                return images.make(wanted, origin_of(request), self.shelf, self.engine)
            case "POST", "v1", "chat", "completions":
                asked = submits.read(request.body, ChatRequest.from_json)
                return chat.answer(asked, request.body, self.shelf, self.engine)
        return None

    def _check_key(self, request: Request) -> None:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        is_good = hmac.compare_digest(key.encode(), self._key.encode()) if self._key else key.startswith(KEY_PREFIX)
        if scheme.lower() != "bearer" or not is_good:
            raise Complaint(401, "invalid_api_key", "the key is missing, wrong or revoked")

    def _own_path(self, url: str) -> Path | None:
        """The file behind an address of ours that still works."""
        now = self.clock()
        match path_of(url):
            case "files", name:
                kept = self.shelf.find(Path(name).stem)
                path = self.shelf.path(kept) if kept and now < kept.expires_at else None
            case "results", name:
                address = self.store.find_address(Path(name).stem)
                path = self.engine.clip_path(address.task_id) if address and now < address.expires_at else None
            case _:
                path = None
        return path if path and path.is_file() else None

    def _read(self, task_id: str, request: Request, shape: Shape | None) -> Response:
        row = _known(self.store.count_read(task_id))
        if row.reads <= TROUBLED_READS and (trouble := _read_trouble(row.words)):
            return trouble
        return as_json(self.tell(row, origin_of(request), shape))

    def tell(self, row: Row, origin: str, shape: Shape | None = None) -> dict[str, Any]:
        """The task's JSON; addresses in it begin with `origin`."""
        now, size = self.clock(), self.menu.skus[row.asked.model].size(row.asked)
        url = f"{origin}/results/{self.store.address(row, now).token}.mp4" if results.has_address(row) else None
        return told(row, self.engine.progress(row, now), url, shape or shape_of(row), size)

    def send(self, row: Row, url: str) -> int:
        """POST the task to its callback URL; the answer's status. Raises httpx.HTTPError when there is none."""
        body = self.tell(row, row.origin)
        with httpx.Client(trust_env=False, timeout=CALLBACK_SECONDS) as client:
            return client.post(url, json=body).status_code

    def _everything(self, request: Request) -> dict[str, Any]:
        """For tests and reconciliation: tasks, posts, sales, callbacks; all or those of one prompt or callback_url."""
        wanted = {name: value for name, value in request.query.items() if name in ("prompt", "callback_url")}
        tasks = [_listed(row) for row in self.store.tasks()]
        posts = self.store.posts()
        found = [task for task in tasks if all(task[name] == value for name, value in wanted.items())]
        ids = {task["task_id"] for task in found}
        return {
            "count": len(found),
            "tasks": found,
            "posts": [post for post in posts if all(post[name] == value for name, value in wanted.items())],
            "sales": [sale for sale in self.shelf.sales() if wanted.get("prompt", sale["prompt"]) == sale["prompt"]],
            "callbacks": [sent for sent in self.store.callbacks() if sent["task_id"] in ids],
        }


def origin_of(request: Request) -> str:
    return f"http://{request.headers.get('host', '127.0.0.1')}"


def _known(row: Row | None) -> Row:
    if row is None:
        raise Complaint(404, "task_not_exist", "task not exist", of_task=True)
    return row


def _read_trouble(words: frozenset[str]) -> Response | None:
    if "404-read" in words:
        raise Complaint(404, "task_not_exist", "task not exist", of_task=True)
    if "500-read" in words:
        return as_page(502, "502 Bad Gateway")
    if "bad-read" in words:
        return Response(headers={"Content-Type": "application/json"}, body=b'{"code": "success", "data": {"task_id":')
    return None


def _listed(row: Row) -> dict[str, Any]:
    return {
        "task_id": row.id,
        "state": row.state,
        "model": row.asked.model,
        "prompt": row.asked.prompt,
        "callback_url": row.asked.callback_url or "",
        "seed": row.seed,
        "created_at": row.created_at,
        "finished_at": row.finished_at,
        "quota": row.quota,
        "tokens": row.tokens,
        "reads": row.reads,
        "request": row.asked.to_json(),
    }
