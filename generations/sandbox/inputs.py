"""What a task is shown: each entry of metadata.content fetched, decoded and numbered before its clip is rendered.

The sandbox reaches its own files and results, the studio's PUBLIC_URL, and nothing else.
"""

import base64
import binascii
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from generations.relay.wire import Reference
from generations.sandbox.measuring import MOST_BYTES, Medium, Unusable, measure

SECONDS = 15.0  # to fetch one entry, and to wait for its next bytes
KINDS = {"image_url": "image", "video_url": "video", "audio_url": "audio"}


class BadInput(Exception):
    """An entry that a task fails by. Source: the Seedance API's error for a url that it cannot use."""

    code = "InvalidParameter"

    def __init__(self, position: int, reference: Reference, rule: str) -> None:
        place = f"content[{position}].{reference.type}"
        super().__init__(f"The parameter `{place}` specified in the request is not valid: {rule}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One entry as the model sees it. `number` counts its kind among the references; a frame has none: 0."""

    role: str
    number: int
    path: Path
    medium: Medium

    @property
    def kind(self) -> str:
        return self.medium.kind

    @property
    def label(self) -> str:
        """As it is cited in a prompt: @image2."""
        return f"@{self.kind}{self.number}"


def seconds_of(given: Iterable[Given]) -> float:
    """Seconds of video that are billed as input."""
    return sum(entry.medium.seconds for entry in given if entry.kind == "video")


class Inputs:
    """Fetches entries. `own` finds the file behind an address of the sandbox; `studio` is the one other origin."""

    def __init__(self, own: Callable[[str], Path | None], studio: str | None) -> None:
        self._own = own
        self._studio = _origin(studio) if studio else None

    def fetch(self, content: Iterable[Reference], folder: Path) -> list[Given]:
        """Every entry, in order. Raises BadInput at the first that cannot be fetched or breaks a limit."""
        numbers = {kind: count(1) for kind in KINDS.values()}
        given = []
        for position, reference in enumerate(content):
            path, medium = self._one(position, reference, folder)
            number = 0 if reference.role.endswith("_frame") else next(numbers[medium.kind])
            given.append(Given(role=reference.role, number=number, path=path, medium=medium))
        return given

    def _one(self, position: int, reference: Reference, folder: Path) -> tuple[Path, Medium]:
        kind, path = KINDS[reference.type], folder / f"input-{position}"
        try:
            self._bring(reference.url, path, MOST_BYTES[kind])
            medium = measure(path)
        except Unusable as unusable:
            raise BadInput(position, reference, str(unusable)) from None
        if medium.kind != kind:
            raise BadInput(position, reference, f"it is {medium.kind}, not {kind}")
        return path, medium

    def _bring(self, url: str, to: Path, most_bytes: int) -> None:
        """Raises Unusable."""
        own = self._own(url)
        if own is not None:
            to.symlink_to(own.resolve())
        elif url.startswith("data:"):
            to.write_bytes(_data(url, most_bytes))
        elif self._studio is not None and _origin(url) == self._studio:
            _download(url, to, most_bytes)
        else:
            raise Unusable("resource download failed (the sandbox reaches only itself and PUBLIC_URL)")


def _download(url: str, to: Path, most_bytes: int) -> None:
    left = most_bytes
    try:
        with (
            httpx.Client(trust_env=False, timeout=SECONDS) as client,
            client.stream("GET", url) as answer,
            to.open("wb") as file,
        ):
            if answer.status_code != 200:
                raise Unusable(f"resource download failed (HTTP {answer.status_code})")
            for block in answer.iter_bytes():
                left -= len(block)
                if left < 0:
                    raise Unusable(f"is larger than {most_bytes // 1_000_000} MB")
                file.write(block)
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as problem:
        raise Unusable(f"resource download failed ({type(problem).__name__})") from None


def _data(url: str, most_bytes: int) -> bytes:
    head, _, text = url.partition(",")
    if not head.endswith(";base64") or len(text) > most_bytes * 4 // 3 + 4:
        raise Unusable("must be base64, within the limits of a file")
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise Unusable("is not base64") from None


def path_of(url: str) -> list[str]:
    """The parts of its path; none when the address makes no sense."""
    try:
        return urlsplit(url).path.strip("/").split("/")
    except ValueError:
        return []


def _origin(url: str) -> tuple[str, str | None, int | None]:
    """Raises nothing: an address that makes no sense is equal to none."""
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return "", None, None
