"""Sound of the library: MP3 and WAV, decoded by a confined child (listen.py), kept with a picture of its loudness."""

import json
import sys
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from generations.media import archive, child, ffmpeg, rules
from generations.media.disk import temp_file
from generations.media.errors import ToolFailed
from generations.media.models import MediaFile

LISTEN = Path(__file__).with_name("listen.py")
LIMITS = child.Limits(deadline_seconds=60, cpu_seconds=30)
TYPES = {"mp3": "audio/mpeg", "wav": "audio/wav"}
WIDTH_PX, HEIGHT_PX, BAR_PX = 576, 324, 3
COLOUR = (222, 152, 58, 255)  # seen on light and on dark


def keep(path: Path) -> MediaFile:
    """Keeps the sound at `path`, bare of tags and covers. Raises Refused, ToolFailed, DiskFull."""
    with path.open("rb") as file:
        form = "wav" if file.read(4) == b"RIFF" else "mp3"
    found = read(child.run([sys.executable, "-I", str(LISTEN), str(path.resolve()), form], LIMITS))
    rules.check_length(MediaFile.Kind.AUDIO, found["duration_ms"])
    columns = {name: found[name] for name in ("duration_ms", "audio_codec")}
    columns |= {"kind": MediaFile.Kind.AUDIO, "content_type": TYPES[form]}
    with temp_file(".webp") as picture, temp_file(f".{form}") as bare:
        draw(found["peaks"], picture)
        ffmpeg.copy(path, bare, form=form, to=form, limits=LIMITS)
        return archive.keep_made(bare, ending=f".{form}", columns=columns, poster=picture)


def read(ended: child.Ended) -> dict[str, Any]:
    """What the child heard. Raises Refused, ToolFailed."""
    if ended.status < 0:  # a crash, or out of CPU seconds: only a file made for it does that
        raise rules.broken()
    if ended.status > 0:
        raise ToolFailed(f"listening failed: {ended.complaint[-500:]}")
    found: dict[str, Any] = json.loads(ended.output)
    if "wrong" in found:
        raise rules.not_kept() if found["wrong"] == "type" else rules.broken()
    return found


def draw(peaks: list[int], to: Path) -> None:
    """Bars of loudness on nothing, as WebP."""
    image = Image.new("RGBA", (WIDTH_PX, HEIGHT_PX))
    pen = ImageDraw.Draw(image)
    step, middle = WIDTH_PX / len(peaks), HEIGHT_PX / 2
    for number, peak in enumerate(peaks):
        left, reach = number * step + 1, max(2, peak * HEIGHT_PX * 0.4 / 100)
        pen.rounded_rectangle((left, middle - reach, left + BAR_PX, middle + reach), 1.5, COLOUR)
    image.save(to, "WEBP", lossless=True)
