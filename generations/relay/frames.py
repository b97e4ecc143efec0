"""The size of a clip in px, and the Seedance tokens that a clip of that size is billed by."""

import math
import re
from fractions import Fraction

from generations.relay.errors import Malformed

# Even sizes in px of the 16:9 picture. Source: catalog.json, dimensions_16x9.
WIDE = {
    "480p": (854, 480),
    "720p": (1280, 720),
    "768p": (1366, 768),
    "1080p": (1920, 1080),
    "2k": (2560, 1440),
    "4k": (3840, 2160),
}


def frame_size(resolution: str, ratio: str) -> tuple[int, int]:
    """Width and height in px, both even. Raises Malformed for a name that is not in the catalogue."""
    if resolution.lower() not in WIDE:
        raise Malformed(f"no such resolution: {resolution[:40]}", "resolution")
    width, height = WIDE[resolution.lower()]
    if ratio in ("16:9", "adaptive"):
        return width, height
    if ratio == "9:16":
        return height, width
    named = re.fullmatch(r"([1-9][0-9]?):([1-9][0-9]?)", ratio)
    if named is None:
        raise Malformed(f"no such ratio: {ratio[:40]}", "ratio")
    shape = int(named[1]) / int(named[2])
    return _even(math.sqrt(width * height * shape)), _even(math.sqrt(width * height / shape))


def seedance_tokens(input_seconds: float, output_seconds: float, width: int, height: int) -> int:
    """Tokens that a Seedance clip is billed by, rounded up. Source: contract, Money; 24 frames per second."""
    seconds = Fraction(input_seconds) + Fraction(output_seconds)
    return math.ceil(seconds * width * height * 24 / 1024)


def _even(pixels: float) -> int:
    return 2 * round(pixels / 2)
