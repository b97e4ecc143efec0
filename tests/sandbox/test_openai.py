"""OpenAI's own Python package against the sandbox: models, images, chat, files, as "OpenAI-compatible" promises."""

import base64
from collections.abc import Iterator
from pathlib import Path

import httpx
import openai
import pytest

from generations.sandbox.chat import improved
from generations.sandbox.listener import Listener
from generations.sandbox.server import Sandbox, Settings
from tests.sandbox import material
from tests.sandbox.talking import KEY


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("openai")
    with Listener(Sandbox(Settings(data=folder, wait_seconds=0.05))) as listener:
        yield f"{listener.url}/v1"


@pytest.fixture
def client(url: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=url, api_key=KEY, max_retries=0) as made:
        yield made


def test_models_are_listed(client: openai.OpenAI) -> None:
    assert {"doubao-seedance-2-0-4k", "grok-imagine-image", "grok-4.3"} <= {model.id for model in client.models.list()}


def test_images_come_as_urls_and_as_base64(client: openai.OpenAI) -> None:
    made = client.images.generate(model="grok-imagine-image", prompt="A kite", n=2, size="1024x1024")
    assert [httpx.get(image.url or "").content[:4] for image in made.data or ()] == [b"\x89PNG"] * 2
    whole = client.images.generate(model="grok-imagine-image", prompt="A kite", response_format="b64_json")
    assert [base64.b64decode(image.b64_json or "")[:4] for image in whole.data or ()] == [b"\x89PNG"]


def test_chat_comes_whole_and_as_a_stream(client: openai.OpenAI) -> None:
    said = client.chat.completions.create(model="grok-4.3", messages=[{"role": "user", "content": "A kite"}])
    assert said.choices[0].message.content == improved("A kite")
    assert said.usage is not None
    assert said.usage.total_tokens == said.usage.prompt_tokens + said.usage.completion_tokens
    stream = client.chat.completions.create(
        model="grok-4.3",
        messages=[{"role": "user", "content": "A kite"}],
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = list(stream)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == improved("A kite")
    assert chunks[-1].usage == said.usage


def test_stream_can_be_stopped(client: openai.OpenAI) -> None:
    with client.chat.completions.create(
        model="grok-4.3", messages=[{"role": "user", "content": "A kite [slow]"}], stream=True
    ) as stream:
        assert next(iter(stream)).choices[0].delta.content == "A"


def test_file_is_kept(client: openai.OpenAI) -> None:
    kept = client.files.create(file=("fox.png", material.image(), "image/png"), purpose="vision")
    address = (kept.model_extra or {})["url"]
    assert httpx.get(address).content == material.image()


@pytest.mark.parametrize(
    ("prompt", "fault"),
    [
        ("kite [refuse]", openai.BadRequestError),
        ("kite [401]", openai.AuthenticationError),
        ("kite [balance]", openai.PermissionDeniedError),
        ("kite [404]", openai.NotFoundError),
        ("kite [429]", openai.RateLimitError),
        ("kite [503]", openai.InternalServerError),
        ("kite [lost-answer]", openai.APIConnectionError),
    ],
)
def test_troubles_are_the_packages_own(client: openai.OpenAI, prompt: str, fault: type[Exception]) -> None:
    with pytest.raises(fault):
        client.images.generate(model="grok-imagine-image", prompt=prompt)
