"""The relay's words for still images: POST /v1/images/generations. They are answered at once, as URL or as bytes."""

import base64
import binascii
from dataclasses import dataclass, field
from typing import Literal, cast

from generations.relay import reading
from generations.relay.errors import Malformed
from generations.relay.reading import Json

Form = Literal["url", "b64_json"]
FORMS = ("url", "b64_json")
MOST_IMAGES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRequest:
    """What is asked. The contract names model, prompt, n and size; `form` is OpenAI's, `seed` the sandbox's."""

    model: str
    prompt: str
    n: int = 1
    size: str | None = None  # such as "1024x1024"
    form: Form | None = None
    seed: int | None = None

    def to_json(self) -> Json:
        """What is None is not sent."""
        body: Json = {"model": self.model, "prompt": self.prompt, "n": self.n}
        more = {"size": self.size, "response_format": self.form, "seed": self.seed}
        return body | {name: value for name, value in more.items() if value is not None}

    @classmethod
    def from_json(cls, body: object) -> "ImageRequest":
        """Raises Malformed, naming the field; what the contract does not name is passed over."""
        asked = reading.as_object(body)
        for name in ("model", "prompt"):
            if not isinstance(asked.get(name), str):
                raise Malformed(f"{name} must be a string", name)
        number = 1 if asked.get("n") is None else asked["n"]
        if type(number) is not int:
            raise Malformed("n must be a whole number", "n")
        if not isinstance(asked.get("size"), str | None):
            raise Malformed("size must be a string", "size")
        if asked.get("response_format") not in (None, *FORMS):
            raise Malformed("response_format must be url or b64_json", "response_format")
        if type(asked.get("seed")) not in (int, type(None)):
            raise Malformed("seed must be a whole number", "seed")
        form = cast("Form | None", asked.get("response_format"))
        return cls(
            model=asked["model"],
            prompt=asked["prompt"],
            n=number,
            size=asked.get("size"),
            form=form,
            seed=asked.get("seed"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """One image: an address that expires, or the bytes themselves. What they are is for their reader to find out."""

    url: str | None = None
    data: bytes | None = field(default=None, repr=False)

    def to_json(self) -> Json:
        if self.data is not None:
            return {"b64_json": base64.b64encode(self.data).decode()}
        return {"url": self.url}

    @classmethod
    def from_json(cls, body: object) -> "Image":
        """Raises Malformed when it is neither."""
        entry = reading.as_object(body, "data")
        url = reading.url((entry,), is_done=False)
        if url is not None:
            return cls(url=url)
        return cls(data=_bytes(entry.get("b64_json")))


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageResult:
    """What came: as many as were made, which may be fewer than were asked."""

    images: tuple[Image, ...]

    def to_json(self, created_at: int) -> Json:
        """`created_at` in unix seconds."""
        return {"created": created_at, "data": [image.to_json() for image in self.images]}

    @classmethod
    def from_json(cls, body: object) -> "ImageResult":
        """Raises Malformed when there is no image, or when one of them is none."""
        listed = reading.as_object(body).get("data")
        if not isinstance(listed, list) or not 1 <= len(listed) <= MOST_IMAGES:
            raise Malformed("without a list of images", "data")
        return cls(images=tuple(Image.from_json(entry) for entry in listed))


def _bytes(value: object) -> bytes:
    """Base64, also as a data: URL."""
    if isinstance(value, str) and value:
        _, _, plain = value.rpartition(",") if value.startswith("data:") else ("", "", value)
        try:
            data = base64.b64decode(plain, validate=True)
        except (binascii.Error, ValueError):
            data = b""
        if data:
            return data
    raise Malformed("with an entry that is neither a url nor base64", "data")
