"""What a video file is, measured in a confined child; nothing in the file or its name is believed."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generations.media import boxes, child
from generations.media.errors import BadType, ToolFailed, Truncated

MEASURE = Path(__file__).with_name("measure.py")
LIMITS = child.Limits(deadline_seconds=60, cpu_seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Columns of MediaFile. The sides are those shown, after rotation."""

    width_px: int
    height_px: int
    duration_ms: int
    frames_per_second: float | None
    video_codec: str
    audio_codec: str


def probe(path: Path, limits: child.Limits = LIMITS) -> Facts:
    """Reads the whole file. Raises BadType, Truncated when it is cut short, ToolFailed when we could not find out."""
    with path.open("rb") as file:
        boxes.check(file, path.stat().st_size)
    return read(child.run([sys.executable, "-I", str(MEASURE), str(path.resolve())], limits))


def read(ended: child.Ended) -> Facts:
    """What the measuring child found. Raises as `probe`."""
    if ended.status < 0:  # a crash, or out of CPU seconds: only a file made for it does that
        raise BadType(f"reading it ended with signal {-ended.status}")
    if ended.status > 0:
        raise ToolFailed(f"measuring failed: {ended.complaint[-500:]}")
    found: dict[str, Any] = json.loads(ended.output)
    if "wrong" in found:
        raise (Truncated if found["wrong"] == "truncated" else BadType)(found["reason"])
    return Facts(**found)
