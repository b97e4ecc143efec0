"""The relay's words as frozen dataclasses: to_json writes the documented shape, from_json reads all seen.

No network here: client.py sends and receives. Source: RelayDance's contract, clients that run against it.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, cast, get_args

from generations.relay import reading
from generations.relay.errors import Malformed as Malformed
from generations.relay.frames import frame_size as frame_size
from generations.relay.frames import seedance_tokens as seedance_tokens
from generations.relay.reading import Json

ReferenceType = Literal["image_url", "video_url", "audio_url"]
Shape = Literal["flat", "openai", "envelope", "failed"]


class Phase(StrEnum):
    """What a task's status word means."""

    WAITING = "waiting"
    RENDERING = "rendering"
    DONE = "done"
    FAILED = "failed"


PHASES = {
    **dict.fromkeys(("submitted", "queued", "pending", "not_start"), Phase.WAITING),
    **dict.fromkeys(("running", "processing", "in_progress"), Phase.RENDERING),
    **dict.fromkeys(("succeeded", "success", "completed"), Phase.DONE),
    **dict.fromkeys(("failed", "failure", "error", "expired", "cancelled", "canceled"), Phase.FAILED),
}

WORDS: dict[Shape, dict[Phase, str]] = {
    "flat": dict(zip(Phase, ("queued", "running", "succeeded", "failed"), strict=True)),
    "openai": dict(zip(Phase, ("queued", "in_progress", "completed", "failed"), strict=True)),
    "envelope": dict(zip(Phase, ("QUEUED", "IN_PROGRESS", "SUCCESS", "FAILURE"), strict=True)),
    "failed": dict(zip(Phase, ("queued", "running", "succeeded", "failed"), strict=True)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One entry of metadata.content: a picture, clip or sound that the model is shown."""

    type: ReferenceType
    url: str
    role: str

    def to_json(self) -> Json:
        return {"type": self.type, self.type: {"url": self.url}, "role": self.role}

    @classmethod
    def from_json(cls, body: object) -> "Reference":
        """Raises Malformed when the type is not one of the three, or its url or the role is missing."""
        entry = reading.as_object(body, "metadata.content")
        kind = str(entry.get("type"))
        if kind not in get_args(ReferenceType):
            raise Malformed("type must be image_url, video_url or audio_url", "metadata.content")
        url = reading.as_object(entry.get(kind), "metadata.content").get("url")
        role = entry.get("role")
        if not isinstance(url, str) or not url or not isinstance(role, str) or not role:
            raise Malformed(f"{kind} needs a url and a role", "metadata.content")
        return cls(type=cast(ReferenceType, kind), url=url, role=role)


OPTIONS: dict[str, type] = {
    "ratio": str,
    "resolution": str,
    "generate_audio": bool,
    "seed": int,
    "camera_fixed": bool,
    "watermark": bool,
    "return_last_frame": bool,
    "callback_url": str,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoRequest:
    """What is asked of POST /v1/video/generations. An option that is None is not sent, nor is an empty prompt."""

    model: str
    prompt: str
    seconds: int
    ratio: str | None = None
    resolution: str | None = None
    generate_audio: bool | None = None
    seed: int | None = None
    camera_fixed: bool | None = None
    watermark: bool | None = None
    return_last_frame: bool | None = None
    callback_url: str | None = None
    content: tuple[Reference, ...] = ()

    def to_json(self) -> Json:
        """The documented body: seconds as a string, everything else of the model inside metadata."""
        given = {name: getattr(self, name) for name in OPTIONS}
        metadata: Json = {name: value for name, value in given.items() if value is not None}
        if self.content:
            metadata["content"] = [reference.to_json() for reference in self.content]
        body: Json = {"model": self.model} | ({"prompt": self.prompt} if self.prompt else {})
        return body | {"seconds": str(self.seconds)} | ({"metadata": metadata} if metadata else {})

    @classmethod
    def from_json(cls, body: object) -> "VideoRequest":
        """Read strictly what to_json writes; keys that the contract does not name are passed over.

        Raises Malformed, naming the field.
        """
        asked = {"prompt": ""} | reading.as_object(body)
        for name in ("model", "prompt"):
            if not isinstance(asked.get(name), str):
                raise Malformed(f"{name} must be a string", name)
        if "callback_url" in asked:
            raise Malformed("callback_url belongs inside metadata", "callback_url")
        metadata = reading.as_object({} if asked.get("metadata") is None else asked["metadata"], "metadata")
        content = [] if metadata.get("content") is None else metadata["content"]
        if not isinstance(content, list):
            raise Malformed("metadata.content must be a list", "metadata.content")
        return cls(
            model=asked["model"],
            prompt=asked["prompt"],
            seconds=_seconds(asked.get("seconds")),
            content=tuple(Reference.from_json(entry) for entry in content),
            **{name: _option(metadata.get(name), name, kind) for name, kind in OPTIONS.items()},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A task as the relay tells of it. `status` is its raw word, `phase` what that means."""

    task_id: str | None
    phase: Phase
    status: str = ""
    progress: int | None = None  # 0-100
    url: str | None = None
    error_code: str = ""
    error_message: str = ""
    quota: int | None = None  # 500,000 = 1 USD
    tokens: int | None = None
    expires_at: int | None = None  # unix seconds: when the url goes
    model: str = ""
    raw: Json = field(default_factory=dict, repr=False)

    @classmethod
    def from_json(cls, body: object) -> "Task":
        """Read any of the four shapes and their mixtures. Raises Malformed, and nothing else."""
        raw = reading.as_object(reading.clean(body))
        layers = reading.layers(raw)
        task_id, status = reading.task_id(layers), reading.first_text(layers, "status")
        if task_id is None and not status:
            raise Malformed("neither a task id nor a status")
        phase = PHASES.get(status.strip().lower(), Phase.RENDERING)
        error_code, error_message = reading.reason(layers) if phase is Phase.FAILED else ("", "")
        return cls(
            task_id=task_id,
            phase=phase,
            status=status,
            progress=reading.progress(layers),
            url=reading.url(layers, is_done=phase is Phase.DONE),
            error_code=error_code,
            error_message=error_message,
            quota=reading.first_number(layers, "quota", reading.LARGEST),
            tokens=reading.tokens(layers),
            expires_at=reading.first_number(layers, "expires_at", reading.LAST_SECOND),
            model=reading.first_text(layers, "model"),
            raw=raw,
        )

    def to_json(self, shape: Shape = "flat") -> Json:
        """Write the task as the relay would. A status word that means nothing is written as it stands."""
        return {"flat": _flat, "openai": _openai, "envelope": _envelope, "failed": _failed}[shape](
            self, self.status if self._is_odd() else WORDS[shape][self.phase]
        )

    def _is_odd(self) -> bool:
        return bool(self.status) and self.status.strip().lower() not in PHASES

    def cost_micros(self, price_micros_per_million: int | None) -> int | None:
        """What the relay says that it cost: its quota, else its tokens at our price, else None."""
        if self.quota is not None:
            return self.quota * 2
        if self.tokens is None or price_micros_per_million is None:
            return None
        return (self.tokens * price_micros_per_million + 500_000) // 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayError:
    """An error in the relay's own words, in either documented shape."""

    message: str
    type: str = ""
    code: str = ""

    @classmethod
    def from_json(cls, body: object) -> "RelayError":
        """Raises Malformed when the body is in neither shape: then it is not the relay that speaks."""
        said = reading.as_object(reading.clean(body))
        error = said.get("error")
        if isinstance(error, dict) and isinstance(error.get("message"), str):
            return cls(**{name: reading.text(error.get(name)) for name in ("message", "type", "code")})
        if "data" in said and isinstance(said.get("code"), str) and isinstance(said.get("message"), str):
            return cls(message=reading.text(said["message"]), code=reading.text(said["code"]))
        raise Malformed("not an error of the relay")

    def to_json(self, shape: Literal["error", "task"] = "error") -> Json:
        """`task` is the form of the task routes."""
        if shape == "task":
            return {"code": self.code, "message": self.message, "data": None}
        return {"error": {"message": self.message, "type": self.type, "code": self.code}}


def _seconds(value: object) -> int:
    if isinstance(value, str) and re.fullmatch(r"[1-9][0-9]{0,3}", value):
        return int(value)
    raise Malformed("seconds must be a string of a whole number", "seconds")


def _option(value: object, name: str, kind: type) -> Any:
    if value is not None and type(value) is not kind:
        raise Malformed(f"metadata.{name} must be a {kind.__name__}", f"metadata.{name}")
    return value


def _flat(task: Task, word: str) -> Json:
    body: Json = {"task_id": task.task_id, "status": word, "model": task.model}
    if task.url:
        body |= {"url": task.url, "format": "mp4"}
    return _told(body | _spent(task) | _failure(task), expires_at=task.expires_at, quota=task.quota)


def _openai(task: Task, word: str) -> Json:
    body: Json = {"id": task.task_id, "task_id": task.task_id, "object": "video", "model": task.model}
    body |= {"status": word} | _spent(task) | _failure(task)
    if task.url:
        body["metadata"] = {"url": task.url}
    return _told(body, progress=task.progress, expires_at=task.expires_at, quota=task.quota)


def _envelope(task: Task, word: str) -> Json:
    inner: Json = {"task_id": task.task_id, "action": "generate", "status": word, "model": task.model}
    inner |= {"fail_reason": task.error_message, "result_url": task.url or ""}
    own: Json = {"status": WORDS["flat"][task.phase], "content": {"video_url": task.url or ""}} | _spent(task)
    percent = None if task.progress is None else f"{task.progress}%"
    told = _told(inner, progress=percent, expires_at=task.expires_at, quota=task.quota)
    return {"code": "success", "message": "", "data": told | {"data": own}}


def _failed(task: Task, word: str) -> Json:
    return {"id": task.task_id, "status": word} | _failure(task)


def _failure(task: Task) -> Json:
    if task.phase is not Phase.FAILED:
        return {}
    return {"error": {"code": task.error_code, "message": task.error_message}}


def _spent(task: Task) -> Json:
    if task.tokens is None:
        return {}
    return {"usage": {"completion_tokens": task.tokens, "total_tokens": task.tokens}}


def _told(body: Json, **more: object) -> Json:
    """`body` with what is known of `more`."""
    return body | {name: value for name, value in more.items() if value is not None}
