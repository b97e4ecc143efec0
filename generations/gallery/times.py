"""Times of a clip as people write and read them: 0:03.2, 1:02:05. Pure Python, in milliseconds."""

from __future__ import annotations

import re

TIME = re.compile(r"(?:(?:(\d{1,2}):)?(\d{1,3}):)?(\d{1,5})(?:[.,](\d{1,3}))?", re.ASCII)


def read_ms(text: str) -> int:
    """'3.2' -> 3200, '0:03.2' -> 3200, '1:02:05' -> 3725000. Raises ValueError for anything else."""
    found = TIME.fullmatch(text.strip())
    if found is None:
        raise ValueError(text)
    hours, minutes, seconds, rest = found.groups()
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds)
    return whole * 1000 + int((rest or "").ljust(3, "0"))


def show_ms(milliseconds: int) -> str:
    """3200 -> '0:03.2', 3725000 -> '1:02:05'; hundredths and thousandths only where there are some."""
    seconds, rest = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    ending = f".{rest:03}".rstrip("0") if rest else ""
    return f"{hours}:{minutes:02}:{seconds:02}{ending}" if hours else f"{minutes}:{seconds:02}{ending}"
