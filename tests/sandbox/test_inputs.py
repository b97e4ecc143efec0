"""What a task is shown: fetched from the sandbox itself, data: URLs and the studio, refused from anywhere else."""

import base64
import socket
from pathlib import Path

import pytest

from generations.relay.wire import Reference, Task
from generations.sandbox.inputs import BadInput, Given, Inputs, seconds_of
from generations.sandbox.shelf import LIFE_SECONDS
from tests.net.puppet import Puppet, answer
from tests.sandbox import material
from tests.sandbox.conftest import Clock
from tests.sandbox.talking import Talk, body, until
from tests.sandbox.test_uploads import upload

KINDS = {"image": "image_url", "video": "video_url", "audio": "audio_url"}


def entry(url: str, kind: str = "image", role: str = "") -> Reference:
    return Reference(type=KINDS[kind], url=url, role=role or f"reference_{kind}")  # type: ignore[arg-type]


def as_data(data: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"


def fetch(talk: Talk, tmp_path: Path, *content: Reference, studio: str | None = None) -> list[Given]:
    return Inputs(talk.sandbox._own_path, studio).fetch(content, tmp_path)


def refusal(talk: Talk, tmp_path: Path, *content: Reference, studio: str | None = None) -> str:
    with pytest.raises(BadInput) as caught:
        fetch(talk, tmp_path, *content, studio=studio)
    return str(caught.value)


def test_references_are_numbered_by_kind_in_their_order(talk: Talk, tmp_path: Path) -> None:
    image, clip = body(upload(talk, material.image()))["url"], body(upload(talk, material.clip()))["url"]
    sound = body(upload(talk, material.sound()))["url"]
    content = [entry(image), entry(clip, "video"), entry(image), entry(sound, "audio")]
    given = fetch(talk, tmp_path, *content)
    assert [shown.label for shown in given] == ["@image1", "@video1", "@image2", "@audio1"]
    assert seconds_of(given) == pytest.approx(2.0, abs=0.05)


def test_frames_have_no_number(talk: Talk, tmp_path: Path) -> None:
    url = as_data(material.image())
    given = fetch(talk, tmp_path, entry(url, role="first_frame"), entry(url, role="last_frame"))
    assert [shown.number for shown in given] == [0, 0]


def test_result_of_the_sandbox_can_be_shown_again(talk: Talk, tmp_path: Path) -> None:
    row = talk.make_done(clip=material.clip())
    url = Task.from_json(talk.read(row.id)).url or ""
    (given,) = fetch(talk, tmp_path, entry(url, "video"))
    assert (given.medium.width_px, given.medium.height_px) == (320, 240)


def test_address_that_has_expired_cannot_be_shown(talk: Talk, tmp_path: Path, clock: Clock) -> None:
    url = body(upload(talk, material.image()))["url"]
    clock.at += LIFE_SECONDS
    assert "resource download failed" in refusal(talk, tmp_path, entry(url))


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1:9/a.png",
        "https://example.org/a.png",
        "http://relay.test/files/guess.png",
        "http://[::1/a.png",
    ],
)
def test_nothing_is_fetched_from_anywhere_else(talk: Talk, tmp_path: Path, url: str) -> None:
    said = refusal(talk, tmp_path, entry(url), studio="http://studio.test")
    assert said.startswith("The parameter `content[0].image_url` specified in the request is not valid: resource")


def test_studio_is_fetched_from_without_a_key(talk: Talk, tmp_path: Path) -> None:
    def play(connection: socket.socket, request: bytes, number: int) -> None:
        connection.sendall(answer(material.image(), content_type="text/plain"))

    with Puppet(play) as studio:
        (given,) = fetch(talk, tmp_path, entry(f"{studio.origin}/media/1?sig=x"), studio=studio.origin)
    assert given.medium.content_type == "image/png"
    assert b"uthorization" not in studio.requests[0]


@pytest.mark.parametrize("status", ["404 Not Found", "302 Found", "500 Oh"])
def test_studio_that_does_not_give_it_fails_the_task(talk: Talk, tmp_path: Path, status: str) -> None:
    def play(connection: socket.socket, request: bytes, number: int) -> None:
        connection.sendall(answer(b"", status, location="http://127.0.0.1:9/"))

    with Puppet(play) as studio:
        said = refusal(talk, tmp_path, entry(f"{studio.origin}/a"), studio=studio.origin)
    assert f"resource download failed (HTTP {status[:3]})" in said


def test_studio_that_sends_too_much_is_cut_off(talk: Talk, tmp_path: Path) -> None:
    def play(connection: socket.socket, request: bytes, number: int) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"\0" * 1_000_000)

    with Puppet(play) as studio:
        said = refusal(talk, tmp_path, entry(f"{studio.origin}/a"), studio=studio.origin)
    assert "larger than 30 MB" in said
    assert (tmp_path / "input-0").stat().st_size <= 30_000_000


@pytest.mark.parametrize(
    ("data", "kind", "rule"),
    [
        (material.image(), "video", "it is image, not video"),
        (material.clip(), "image", "it is video, not image"),
        (material.image(size=(200, 200)), "image", "sides of 300 to 6000 px"),
        (b"<html>", "image", "none of JPEG"),
        (material.sound(16), "audio", "at most 15 seconds"),
    ],
)
def test_what_breaks_a_rule_is_named_by_its_place(
    talk: Talk, tmp_path: Path, data: bytes, kind: str, rule: str
) -> None:
    said = refusal(talk, tmp_path, entry(as_data(material.image())), entry(as_data(data), kind))
    assert f"`content[1].{KINDS[kind]}`" in said
    assert rule in said


def test_data_that_is_no_base64_is_refused(talk: Talk, tmp_path: Path) -> None:
    assert "base64" in refusal(talk, tmp_path, entry("data:image/png;base64,@@@"))
    assert "base64" in refusal(talk, tmp_path, entry("data:text/plain,hello"))


def test_task_shown_what_cannot_be_fetched_fails_unbilled(talk: Talk, clock: Clock) -> None:
    row = talk.make(content=(entry("https://example.org/gone.png"),))
    for _ in range(2):
        clock.at += 5
        talk.tick()
    failed = until(lambda: seen if (seen := talk.sandbox.store.task(row.id)).state == "failed" else None)
    assert (failed.error_code, failed.quota) == ("InvalidParameter", None)
    assert "content[0].image_url" in failed.error_message
    assert list(talk.sandbox.engine.clips.iterdir()) == []
