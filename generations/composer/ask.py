"""VideoAsk: what a person asks for, once every field has been read and found possible. Reading it: limits.py."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoAsk:
    """One clip to be made. `model` is the catalogue's name; `seed` None lets the relay choose one."""

    prompt: str
    model: str
    resolution: str
    ratio: str
    seconds: int
    audio: bool
    seed: int | None = None
