"""Files sent to the relay, and the request of an upscale."""

import json
from pathlib import Path

import httpx
import pytest

from generations.relay.client import Relay, Timeouts
from generations.relay.errors import KeyRefused, NotAccepted, NotSent, RateLimited, Refused, Unreadable
from generations.relay.files import File
from generations.relay.upscale import upscale_request
from generations.relay.wire import VideoRequest
from tests.net.puppet import Puppet, answer
from tests.relay.samples import BAD_KEY, BROKEN, SLOW_DOWN
from tests.relay.test_client import BASE, KEY, breaks, relay, says
from tests.relay.test_client_sockets import close, drip, stall

KEPT = {"id": "file_1", "url": "https://relay.example/files/abc.png"}
HASTY = Timeouts(connect=1, write=1, submit=0.2, upload=0.5)
DATA = bytes(range(256)) * 400


def test_upload_sends_one_field_named_file_with_its_length() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=KEPT)

    file, exchange = relay(handler).upload(DATA, "fox.png", "image/png")
    assert (file, exchange.path, exchange.status) == (File(**KEPT), "/files", 200)
    assert (str(seen[0].url), seen[0].headers["authorization"]) == (f"{BASE}/files", f"Bearer {KEY}")
    assert b'name="file"; filename="fox.png"\r\nContent-Type: image/png\r\n\r\n' + DATA in seen[0].content
    assert seen[0].headers["content-length"] == str(len(seen[0].content))


def test_upload_reads_a_path(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(DATA)
    with Puppet(lambda connection, request, number: connection.sendall(answer(json.dumps(KEPT).encode()))) as server:
        file, _ = Relay(f"{server.origin}/v1", KEY).upload(path, 'a "b"\r\n.png', "image/png")
        (sent,) = server.requests
    assert file.id == "file_1"
    assert DATA in sent
    assert b'filename="a %22b%22%0D%0A.png"' in sent


@pytest.mark.parametrize("body", [{"url": KEPT["url"]}, {"code": 0, "data": KEPT}, KEPT | {"object": "file"}])
def test_upload_reads_the_url_wherever_it_stands(body: object) -> None:
    assert says(200, body).upload(DATA, "a", "image/png")[0].url == KEPT["url"]


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (429, SLOW_DOWN, RateLimited),
        (400, BROKEN, Refused),
        (413, "<html>", Refused),
        (401, BAD_KEY, KeyRefused),
        (500, BROKEN, NotAccepted),
        (502, "<html>", Unreadable),
        (504, BROKEN, Unreadable),
        (200, "<html>", Unreadable),
        (200, {"id": "file_1"}, Unreadable),
        (200, {"id": "file_1", "url": "/relative"}, Unreadable),
    ],
)
def test_upload_that_fails_is_never_unknown(status: int, body: object, kind: type[Exception]) -> None:
    with pytest.raises(kind) as caught:
        says(status, body).upload(DATA, "a", "image/png")
    assert type(caught.value) is kind


@pytest.mark.parametrize("play", [close, stall, drip], ids=lambda play: play.__name__)
def test_upload_without_an_answer_is_no_answer(play: object) -> None:
    with Puppet(play) as server, pytest.raises(Unreadable):  # type: ignore[arg-type]
        Relay(f"{server.origin}/v1", KEY, timeouts=HASTY).upload(DATA, "a", "image/png")
    assert len(server.requests) == 1


def test_upload_that_never_left_is_not_sent() -> None:
    with pytest.raises(NotSent):
        breaks(httpx.ConnectError("refused")).upload(DATA, "a", "image/png")


def test_upscale_has_one_video_and_no_prompt() -> None:
    asked = upscale_request(model="seedance-upscale-720p", video_url="https://cdn.example/a.mp4", seconds=5)
    video = {"type": "video_url", "video_url": {"url": "https://cdn.example/a.mp4"}, "role": "reference_video"}
    assert asked.to_json() == {
        "model": "seedance-upscale-720p",
        "seconds": "5",
        "metadata": {"content": [video]},
    }
    assert VideoRequest.from_json(asked.to_json()) == asked


def test_file_round_trips() -> None:
    file = File(id="file_1", url="https://relay.example/files/one.png")
    assert File.from_json(file.to_json()) == file
