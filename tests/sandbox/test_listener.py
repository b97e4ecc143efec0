"""The sandbox on a real socket: the relay client against it, a real render and callback, connections that break."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

from generations.relay.client import Relay
from generations.relay.errors import NotAccepted, RateLimited, Unknown
from generations.relay.images import ImageRequest
from generations.relay.upscale import upscale_request
from generations.relay.wire import Phase, Reference, Task
from generations.sandbox.listener import BODY_BYTES, Listener, transport
from generations.sandbox.server import Sandbox, Settings
from tests.sandbox import material
from tests.sandbox.talking import KEY, until, wish


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Listener]:
    with Listener(Sandbox(Settings(data=tmp_path, wait_seconds=0.2))) as made:
        yield made


@pytest.fixture
def relay(listener: Listener) -> Relay:
    return Relay(f"{listener.url}/v1", KEY)


@pytest.fixture
def inbox() -> Iterator[tuple[str, list[Any]]]:
    """An address that takes callbacks, and what came there. The first one is answered 500."""
    came: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            came.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(500 if len(came) == 1 else 204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/cb", came
        server.shutdown()
        thread.join()


def done(relay: Relay, task: Task) -> Task:
    return until(lambda: seen if (seen := relay.read(task.task_id or "")[0]).phase is Phase.DONE else None)


def test_clip_is_made_and_called_back_until_heard(relay: Relay, inbox: tuple[str, list[Any]]) -> None:
    url, came = inbox
    task = done(relay, relay.create(wish(callback_url=url, generate_audio=True))[0])
    until(lambda: len(came) == 2)
    called = Task.from_json(came[1])
    assert (called.task_id, called.phase, called.url) == (task.task_id, Phase.DONE, task.url)
    assert httpx.get(task.url or "").content[4:8] == b"ftyp"
    assert httpx.get(task.url or "", headers={"Range": "bytes=4-7"}).content == b"ftyp"


def test_client_shows_a_model_its_own_files(relay: Relay) -> None:
    """The file is sent, the clip is made of it, and the clip itself is upscaled."""
    file, exchange = relay.upload(material.image(), "fox.png", "image/png")
    assert exchange.status == 200
    shown = Reference(type="image_url", url=file.url, role="reference_image")
    clip = done(relay, relay.create(wish(prompt="@image1 jumps", content=(shown,)))[0])
    upscale = upscale_request(model="seedance-upscale-720p", video_url=clip.url or "", seconds=4)
    larger = done(relay, relay.create(upscale)[0])
    assert httpx.get(larger.url or "").content[4:8] == b"ftyp"


def test_client_makes_images(relay: Relay) -> None:
    result, _ = relay.images(ImageRequest(model="grok-imagine-image", prompt="A kite", n=2))
    assert [httpx.get(image.url or "").content[:4] for image in result.images] == [b"\x89PNG"] * 2
    result, exchange = relay.images(ImageRequest(model="grok-imagine-image", prompt="A kite [b64]"))
    assert (result.images[0].data or b"")[:4] == b"\x89PNG"
    assert len(exchange.body) < 200


def test_client_reads_models_and_prices(relay: Relay) -> None:
    assert wish().model in relay.models()
    assert relay.pricing()["success"] is True


@pytest.mark.parametrize(
    ("word", "fault"),
    [
        ("lost-answer", Unknown),
        ("504", Unknown),
        ("502", Unknown),
        ("html", Unknown),
        ("no-id", Unknown),
        ("500", NotAccepted),
        ("503", NotAccepted),
        ("429", RateLimited),
    ],
)
def test_client_understands_the_trouble(relay: Relay, word: str, fault: type[Exception]) -> None:
    with pytest.raises(fault):
        relay.create(wish(prompt=f"kite [{word}] [stuck]"))


def test_download_that_is_cut_breaks_off(relay: Relay) -> None:
    task = done(relay, relay.create(wish(prompt="kite [cut]"))[0])
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(task.url or "")


def test_answer_that_is_lost_is_no_answer_at_all(listener: Listener) -> None:
    asked = wish(prompt="kite [lost-answer] [stuck]").to_json()
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.post(f"{listener.url}/v1/video/generations", json=asked, headers={"Authorization": f"Bearer {KEY}"})


def test_body_too_large_is_refused_unread(listener: Listener) -> None:
    answer = httpx.post(f"{listener.url}/v1/video/generations", content=b"x" * (BODY_BYTES + 1))
    assert answer.status_code == 413


def test_port_taken_is_an_error(listener: Listener, tmp_path: Path) -> None:
    other = Sandbox(Settings(data=tmp_path / "other"))
    with pytest.raises(OSError, match="in use"):
        Listener(other, port=int(listener.url.rsplit(":", 1)[1]))
    other.stop()


def test_transport_answers_without_sockets(tmp_path: Path) -> None:
    sandbox = Sandbox(Settings(data=tmp_path))
    relay = Relay("http://relay.test/v1", KEY, transport=transport(sandbox))
    assert relay.create(wish())[0].phase is Phase.WAITING
    with pytest.raises(Unknown):
        relay.create(wish(prompt="[lost-answer]"))
    sandbox.stop()
