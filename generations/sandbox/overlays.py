"""What a task was shown, laid over its clip: the tiles of its references, or its first and last frame as they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from generations.sandbox import tiles
from generations.sandbox.inputs import Given

FRAMES_PER_SECOND = 24
HELD_SECONDS = 0.125  # a frame stands still so long before it melts into the clip
MELT_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Overlay:
    """One more picture, what is done with it, and what comes when it has ended: pass or repeat."""

    path: Path
    prepared: str
    after: str


def overlays(given: Sequence[Given], size: tuple[int, int], seconds: int, folder: Path) -> list[Overlay]:
    """Bottom to top. `size` in px; draws the pictures into the folder first."""
    frames = {entry.role: entry for entry in given if entry.number == 0}
    shown = [entry for entry in given if entry.number]
    made = [_tiles(shown, size, folder)] if shown else []
    if first := frames.get("first_frame"):
        made.append(_first(_save(tiles.still(first, *size), folder / "first.png")))
    if last := frames.get("last_frame"):
        made.append(_last(_save(tiles.still(last, *size), folder / "last.png"), seconds))
    return made


def _tiles(shown: Sequence[Given], size: tuple[int, int], folder: Path) -> Overlay:
    path = _save(tiles.sheet(shown, *size), folder / "tiles.png")
    return Overlay(path, "format=yuva420p", "repeat")


def _first(path: Path) -> Overlay:
    """All of the picture at first, then less and less."""
    still = _held(HELD_SECONDS + MELT_SECONDS)
    return Overlay(path, f"{still},fade=t=out:st={HELD_SECONDS}:d={MELT_SECONDS}:alpha=1", "pass")


def _last(path: Path, seconds: int) -> Overlay:
    """More and more, until at the end there is nothing else."""
    begins_at = seconds - HELD_SECONDS - MELT_SECONDS
    still = _held(HELD_SECONDS + MELT_SECONDS)
    return Overlay(path, f"{still},fade=t=in:st=0:d={MELT_SECONDS}:alpha=1,setpts=PTS+{begins_at}/TB", "repeat")


def _held(seconds: float) -> str:
    """One picture, decoded once, standing so long."""
    more = round(seconds * FRAMES_PER_SECOND) - 1
    return f"format=yuva420p,loop=loop={more}:size=1,setpts=N/{FRAMES_PER_SECOND}/TB"


def _save(image: Image.Image, path: Path) -> Path:
    image.save(path, compress_level=1)
    return path
