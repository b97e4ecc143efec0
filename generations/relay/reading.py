"""Finding things in a relay's JSON, wherever one of its versions puts them. Raises nothing but Malformed.

A body has layers: itself, the task inside an envelope's `data`, the model's own answer inside that.
"""

import math
import re
from typing import Any, cast

from generations.relay.errors import Malformed

Json = dict[str, Any]
Layers = tuple[Json, ...]

TASK_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:=+~@-]{0,190}")
DEPTH = 40  # levels of nesting that a body may have
TEXT = 4_096  # characters kept of a reason or a word
URL = 8_192  # characters that an address may have
LARGEST = 10**15  # of quota or tokens: more is nonsense, not money
LAST_SECOND = 253_402_300_799  # of the year 9999
URL_PLACES = ("url", "metadata.url", "result_url", "video_url", "content.video_url", "data.content.video_url")


def as_object(value: object, param: str = "") -> Json:
    """Raises Malformed when the value is not a JSON object."""
    if not isinstance(value, dict):
        raise Malformed(f"{param or 'the body'} must be a JSON object", param)
    return cast(Json, value)


def clean(value: object, depth: int = 0) -> object:
    """JSON that every database takes: no NUL, no half of a surrogate pair, no NaN, no giant.

    Raises Malformed when nested too deep.
    """
    if depth > DEPTH:
        raise Malformed("nested too deep")
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, dict):
        return {clean_text(str(name)): clean(inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [clean(inner, depth + 1) for inner in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, int) and abs(value) < 2**63 else None


def clean_text(value: str) -> str:
    """Text that every database takes."""
    return value.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def layers(body: Json) -> Layers:
    """Where to look, first place first: in an envelope the task is inside, else outside."""
    inner = body.get("data")
    if not isinstance(inner, dict):
        return (body,)
    is_envelope = "code" in body and ("status" in inner or "task_id" in inner)
    return (inner, body) if is_envelope else (body, inner)


def text(value: object) -> str:
    """A word or sentence of the relay, capped; empty when it is none."""
    return value[:TEXT] if isinstance(value, str) else ""


def number(value: object, largest: int) -> int | None:
    """A whole number from 0 to `largest`, also when written as a float or a string."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,18}", value):
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= largest else None


def first_text(places: Layers, name: str) -> str:
    """The first that is not empty."""
    return next((found for place in places if (found := text(place.get(name)))), "")


def first_number(places: Layers, name: str, largest: int) -> int | None:
    """The first that is a whole number from 0 to `largest`."""
    found = (number(place.get(name), largest) for place in places)
    return next((value for value in found if value is not None), None)


def task_id(places: Layers) -> str | None:
    """The task's id; an odd one is none. The model's own id, a layer further in, is never taken for it."""
    for place in places:
        for name in ("task_id", "id"):
            value = place.get(name)
            if isinstance(value, str) and TASK_ID.fullmatch(value):
                return value
    return None


def url(places: Layers, *, is_done: bool) -> str | None:
    """The clip's address, http or https. Older versions put it in `fail_reason` of a task that is done."""
    for path in (*URL_PLACES, *(("fail_reason",) if is_done else ())):
        for place in places:
            if (found := _address(_follow(place, path))) is not None:
                return found
    return None


def reason(places: Layers) -> tuple[str, str]:
    """Code and message of a failure, the first that is said: `error`, `fail_reason`, `message`."""
    for place in places:
        error = place.get("error")
        if isinstance(error, dict) and (text(error.get("message")) or text(error.get("code"))):
            return text(error.get("code")), text(error.get("message"))
        if text(error):
            return "", text(error)
    return "", first_text(places, "fail_reason") or first_text(places, "message")


def progress(places: Layers) -> int | None:
    """Per cent, 0-100: an integer or a string such as "50%"."""
    for place in places:
        value = place.get("progress")
        value = value.strip().removesuffix("%") if isinstance(value, str) else value
        if (found := number(value, 100)) is not None:
            return found
    return None


def tokens(places: Layers) -> int | None:
    """Tokens billed, where given; 0 is not yet a figure."""
    inner = (place.get("data") for place in places)
    for place in (*places, *(deeper for deeper in inner if isinstance(deeper, dict))):
        for name in ("usage.total_tokens", "usage.completion_tokens"):
            if found := number(_follow(place, name), LARGEST):
                return found
    return None


def _follow(place: Json, path: str) -> object:
    value: object = place
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _address(value: object) -> str | None:
    if not isinstance(value, str) or len(value) > URL:
        return None
    trimmed = value.strip()
    return trimmed if re.match(r"https?://[^\s/]", trimmed, re.IGNORECASE) else None
