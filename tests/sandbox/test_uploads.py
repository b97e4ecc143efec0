"""POST /v1/files: kept when it can be decoded and keeps to the limits, however it is called."""

import pytest

from generations.sandbox.messages import Response
from generations.sandbox.shelf import LIFE_SECONDS
from tests.sandbox import material
from tests.sandbox.conftest import Clock
from tests.sandbox.talking import Talk, body

ORIGIN = "http://relay.test"
PLAYLIST = b"#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1:1/a.ts\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="400" height="400"/>'


def upload(talk: Talk, data: bytes, name: str = "a.bin", field: str = "file", key: str = "sbx-test") -> Response:
    sent, content_type = material.multipart(data, name, field)
    return talk.ask("POST", "/v1/files", sent, key=key, **{"content-type": content_type})


def path_of(answer: Response) -> str:
    return str(body(answer)["url"].removeprefix(ORIGIN))


@pytest.mark.parametrize(
    ("data", "content_type", "suffix"),
    [
        (material.image(), "image/png", ".png"),
        (material.image(form="JPEG"), "image/jpeg", ".jpg"),
        (material.image(form="WEBP"), "image/webp", ".webp"),
        (material.clip(), "video/mp4", ".mp4"),
        (material.clip(form="mov"), "video/quicktime", ".mov"),
        (material.sound(), "audio/wav", ".wav"),
        (material.sound(form="mp3"), "audio/mpeg", ".mp3"),
    ],
    ids=["png", "jpeg", "webp", "mp4", "mov", "wav", "mp3"],
)
def test_file_is_kept_and_served_as_what_it_is(talk: Talk, data: bytes, content_type: str, suffix: str) -> None:
    kept = upload(talk, data)
    assert (kept.status, body(kept)["id"][:5], body(kept)["url"].endswith(suffix)) == (200, "file_", True)
    served = talk.ask("GET", path_of(kept), key="")
    assert (served.headers["Content-Type"], b"".join(served.blocks())) == (content_type, data)


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"<html>hello</html>", "none of JPEG"),
        (PLAYLIST, "none of JPEG"),
        (SVG, "none of JPEG"),
        (material.image(form="GIF"), "none of JPEG"),
        (material.image()[:200], "cannot be decoded"),
        (material.clip()[:900], "cannot be decoded"),
        (material.clip(form="matroska"), "none of JPEG"),
        (b"", "empty"),
        (material.image(size=(299, 400)), "300 to 6000 px"),
        (material.image(size=(6001, 3000)), "300 to 6000 px"),
        (material.image(size=(300, 751)), "aspect of 0.4 to 2.5"),
        (material.image(size=(751, 300)), "aspect of 0.4 to 2.5"),
        (material.clip(seconds=1.5), "2 to 15 seconds"),
        (material.clip(seconds=15.5), "2 to 15 seconds"),
        (material.sound(15.5), "at most 15 seconds"),
        (material.image() + b"\0" * 30_000_000, "30 MB"),
    ],
)
def test_file_that_breaks_a_rule_is_refused_with_it_and_not_kept(talk: Talk, data: bytes, rule: str) -> None:
    refused = upload(talk, data, "cat.png")
    assert refused.status == 400
    assert rule in body(refused)["error"]["message"]
    assert list(talk.sandbox.shelf.new_path("").parent.iterdir()) == []


@pytest.mark.parametrize("size", [(300, 300), (6000, 2400), (300, 750)])
def test_image_at_the_limit_is_kept(talk: Talk, size: tuple[int, int]) -> None:
    assert upload(talk, material.image(size=size)).status == 200


@pytest.mark.parametrize(("seconds", "form"), [(2.0, "mp4"), (15.0, "mp4")])
def test_video_at_the_limit_is_kept(talk: Talk, seconds: float, form: str) -> None:
    assert upload(talk, material.clip(seconds=seconds, form=form)).status == 200


@pytest.mark.parametrize("content_type", ["", "text/plain", "multipart/form-data", "multipart/form-data; boundary=zz"])
def test_body_that_is_not_multipart_is_refused(talk: Talk, content_type: str) -> None:
    refused = talk.ask("POST", "/v1/files", material.image(), **{"content-type": content_type})
    assert (refused.status, "file is required" in body(refused)["error"]["message"]) == (400, True)


def test_file_in_another_field_is_refused(talk: Talk) -> None:
    assert upload(talk, material.image(), field="profile").status == 400
    assert upload(talk, material.image(), key="sk-other").status == 401


def test_address_expires_and_its_bytes_go(talk: Talk, clock: Clock) -> None:
    path = path_of(upload(talk, material.image()))
    clock.at += LIFE_SECONDS - 1
    assert talk.get(path).status == 200
    clock.at += 1
    assert talk.get(path).status == 403
    assert list(talk.sandbox.shelf.new_path("").parent.iterdir()) == []
    assert talk.get("/files/guess.png").status == 404


def test_file_answers_a_range(talk: Talk) -> None:
    data = material.image()
    answer = talk.get(path_of(upload(talk, data)), range="bytes=2-5")
    assert (answer.status, b"".join(answer.blocks())) == (206, data[2:6])
