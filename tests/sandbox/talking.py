"""Talking to a sandbox in tests: ask, submit, read, and pretend that a clip is rendered."""

import json
import time
from collections.abc import Callable
from typing import Any

from generations.relay.wire import Reference, VideoRequest
from generations.sandbox.messages import Request, Response
from generations.sandbox.rows import Row
from generations.sandbox.server import Sandbox

KEY = "sbx-test"


def wish(**overrides: Any) -> VideoRequest:
    usual: dict[str, Any] = {"model": "doubao-seedance-2-0-480p", "prompt": "A red kite", "seconds": 4}
    return VideoRequest(**usual | overrides)


def image(role: str = "reference_image") -> Reference:
    return Reference(type="image_url", url="https://example.org/a.png", role=role)


def until[T](look: Callable[[], T | None], seconds: float = 20) -> T:
    """What `look` gives as soon as it is true."""
    ends_at = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < ends_at, "it did not happen in time"
        time.sleep(0.02)
    return seen


def body(response: Response) -> Any:
    return json.loads(b"".join(response.blocks()))


class Talk:
    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def ask(self, method: str, path: str, data: bytes = b"", key: str = KEY, **headers: str) -> Response:
        path, _, query = path.partition("?")
        pairs = dict(pair.split("=") for pair in query.split("&") if pair)
        own = {"authorization": f"Bearer {key}", "host": "relay.test"} | headers
        return self.sandbox.answer(Request(method=method, path=path, query=pairs, headers=own, body=data))

    def get(self, path: str, **headers: str) -> Response:
        return self.ask("GET", path, b"", **headers)

    def post(self, asked: VideoRequest) -> Response:
        return self.ask("POST", "/v1/video/generations", json.dumps(asked.to_json()).encode())

    def make(self, prompt: str = "A red kite", **overrides: Any) -> Row:
        """A task, whatever its submit was answered."""
        self.post(wish(prompt=prompt, **overrides))
        return self.sandbox.store.tasks()[-1]

    def make_done(self, prompt: str = "A red kite", clip: bytes = b"0123456789" * 100, **overrides: Any) -> Row:
        """A task whose clip is these bytes."""
        row = self.make(prompt, **overrides)
        self.sandbox.engine.clip_path(row.id).write_bytes(clip)
        self.sandbox.engine.finish(row)
        return self.sandbox.store.task(row.id)

    def read(self, task_id: str) -> Any:
        return body(self.get(f"/v1/video/generations/{task_id}"))

    def tick(self) -> None:
        self.sandbox.engine.tick(self.sandbox.clock())
