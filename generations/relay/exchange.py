"""Exchange: what was said between the relay and us, fit to be kept and shown. It never holds a key."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its answer. `status` is None when no answer came."""

    method: str
    path: str
    status: int | None = None
    milliseconds: int = 0
    request_id: str = ""
    body: str = ""  # the reply as text, at most 64 KB, keys hidden
