"""Still images: the size and number asked, the same for the same seed, sold once, and the troubles that are played."""

import io
import json

import pytest
from PIL import Image

from generations.relay.images import ImageRequest, ImageResult
from generations.sandbox import stills
from generations.sandbox.messages import Response
from tests.sandbox.talking import Talk, body

MODEL = "grok-imagine-image"


def ask(talk: Talk, prompt: str = "A red kite", **overrides: object) -> Response:
    asked = ImageRequest(model=MODEL, prompt=prompt).to_json() | overrides
    return talk.ask("POST", "/v1/images/generations", json.dumps(asked).encode())


def files(talk: Talk, answer: Response) -> list[bytes]:
    found = []
    for image in ImageResult.from_json(body(answer)).images:
        path = (image.url or "").removeprefix("http://relay.test")
        found.append(image.data or b"".join(talk.ask("GET", path, key="").blocks()))
    return found


@pytest.mark.parametrize("size", ["1024x1024", "1280x720", "720x1280"])
def test_images_are_of_the_size_and_number_that_is_asked(talk: Talk, size: str) -> None:
    images = [Image.open(io.BytesIO(data)) for data in files(talk, ask(talk, n=3, size=size))]
    assert [(image.format, f"{image.width}x{image.height}") for image in images] == [("PNG", size)] * 3
    assert len({image.tobytes() for image in images}) == 3


def test_images_are_the_same_for_the_same_seed_and_prompt(talk: Talk) -> None:
    one, again, other = (files(talk, ask(talk, seed=seed, size="1280x720")) for seed in (7, 7, 8))
    assert one == again != other


@pytest.mark.parametrize(
    ("prompt", "more", "head"),
    [
        ("kite", {"response_format": "b64_json"}, b"\x89PNG"),
        ("kite [b64]", {}, b"\x89PNG"),
        ("kite [b64] [jpeg]", {}, b"\xff\xd8\xff"),
    ],
)
def test_images_come_as_base64_when_asked(talk: Talk, prompt: str, more: dict[str, str], head: bytes) -> None:
    answer = ask(talk, prompt, **more)
    assert body(answer)["data"][0].keys() == {"b64_json"}
    assert files(talk, answer)[0].startswith(head)


def test_images_as_jpeg_are_served_as_jpeg(talk: Talk) -> None:
    url = body(ask(talk, "kite [jpeg]"))["data"][0]["url"].removeprefix("http://relay.test")
    assert talk.get(url).headers["Content-Type"] == "image/jpeg"


@pytest.mark.parametrize(
    ("overrides", "status", "param"),
    [
        ({"model": "dall-e"}, 404, "model"),
        ({"model": "grok-4.3"}, 404, "model"),
        ({"prompt": " "}, 400, "prompt"),
        ({"n": 0}, 400, "n"),
        ({"n": 5}, 400, "n"),
        ({"size": "1x1"}, 400, "size"),
        ({"seed": -1}, 400, "seed"),
        ({"response_format": "png"}, 400, "response_format"),
    ],
)
def test_images_refused_name_the_field_and_sell_nothing(
    talk: Talk, overrides: dict[str, object], status: int, param: str
) -> None:
    refused = ask(talk, **overrides)  # type: ignore[arg-type]
    assert (refused.status, param in body(refused)["error"]["message"].split()) == (status, True)
    assert talk.sandbox.shelf.sales() == []


@pytest.mark.parametrize(
    ("word", "status"),
    [("refuse", 400), ("401", 401), ("balance", 403), ("429", 429), ("500", 500), ("502", 502), ("blocked", 400)],
)
def test_images_in_trouble_are_not_sold(talk: Talk, word: str, status: int) -> None:
    assert ask(talk, f"kite [{word}]").status == status
    assert talk.sandbox.shelf.sales() == []


@pytest.mark.parametrize("word", ["lost-answer", "504", "html"])
def test_images_whose_answer_is_lost_are_sold_all_the_same(talk: Talk, word: str) -> None:
    answer = ask(talk, f"kite [{word}]")
    assert answer.is_lost or b"<html>" in b"".join(answer.blocks())
    assert [sale["quota"] for sale in talk.sandbox.shelf.sales()] == [9_000]


def test_images_are_sold_by_their_number(talk: Talk) -> None:
    ask(talk, n=4)
    (sale,) = body(talk.get("/sandbox/tasks"))["sales"]
    assert (sale["kind"], sale["quota"], sale["prompt"]) == ("image", 36_000, "A red kite")


@pytest.mark.parametrize(("word", "status"), [("gone", 404), ("expires", 403), ("wrong-type", 200)])
def test_image_address_plays_its_trouble(talk: Talk, word: str, status: int) -> None:
    url = body(ask(talk, f"kite [{word}]"))["data"][0]["url"].removeprefix("http://relay.test")
    answer = talk.get(url)
    assert answer.status == status
    assert not b"".join(answer.blocks()).startswith(b"\x89PNG")


def test_still_shows_its_prompt() -> None:
    plain, told = (stills.draw(prompt, "", 7, 640, 360) for prompt in ("fox", "fox and a very long tail of words"))
    assert plain.size == told.size
    assert plain.tobytes() != told.tobytes()
