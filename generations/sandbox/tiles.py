"""The references in sight: a row of tiles at the foot of the frame, each with its name as the prompt cites it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import av
from PIL import Image, ImageDraw, ImageFont, ImageOps

from generations.sandbox.inputs import Given

BAND = (10, 12, 24, 255)
INK = (255, 255, 255, 255)
SOUND = (90, 200, 170)
LONGEST_ROW = 12
BARS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a tile stands: a square picture of `side_px` at (x_px, y_px), its name in a band below it."""

    x_px: int
    y_px: int
    side_px: int
    band_px: int

    @property
    def picture(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom in the frame."""
        return self.x_px, self.y_px, self.x_px + self.side_px, self.y_px + self.side_px

    @property
    def band(self) -> tuple[int, int, int, int]:
        left, _, right, foot = self.picture
        return left, foot, right, foot + self.band_px


def places(count: int, width_px: int, height_px: int) -> list[Place]:
    """Where `count` tiles stand in a frame of this size, from the left."""
    gap = max(2, width_px // 160)
    side = min(min(width_px, height_px) // 4, (width_px - gap * (count + 1)) // max(1, count)) // 2 * 2
    band = max(12, side // 4)
    top = height_px - side - band - gap
    return [Place(x_px=gap + number * (side + gap), y_px=top, side_px=side, band_px=band) for number in range(count)]


def sheet(given: Sequence[Given], width_px: int, height_px: int) -> Image.Image:
    """A clear picture of the frame's size with the tiles on it, in the order of metadata.content."""
    image = Image.new("RGBA", (width_px, height_px), (0, 0, 0, 0))
    for entry, place in zip(given, places(len(given), width_px, height_px), strict=True):
        image.paste(_picture(entry, place.side_px), place.picture[:2])
        _name(image, entry, place)
    return image


def still(entry: Given, width_px: int, height_px: int) -> Image.Image:
    """An image, or a video's first frame, filling the size; what hangs over is cut off evenly."""
    if entry.kind == "video":
        return ImageOps.fit(first_frame(entry.path), (width_px, height_px))
    with Image.open(entry.path, formats=["JPEG", "PNG", "WEBP"]) as image:
        return ImageOps.fit(ImageOps.exif_transpose(image).convert("RGB"), (width_px, height_px))


def first_frame(path: Path) -> Image.Image:
    with path.open("rb") as file, av.open(file, "r", format="mov", options={"enable_drefs": "0"}) as container:
        image: Image.Image = next(container.decode(video=0)).to_image()  # type: ignore[no-untyped-call]
        return image


def _picture(entry: Given, side_px: int) -> Image.Image:
    return _waves(entry, side_px) if entry.kind == "audio" else still(entry, side_px, side_px)


def _waves(entry: Given, side_px: int) -> Image.Image:
    """A sound has no picture: bars, the same for the same length."""
    image = Image.new("RGB", (side_px, side_px), BAND[:3])
    draw, chance = ImageDraw.Draw(image), Random(f"{entry.medium.seconds}")  # noqa: S311 (a picture, not a secret)
    step = side_px / BARS
    for number in range(BARS):
        half = side_px * chance.uniform(0.08, 0.4)
        left = number * step
        draw.rectangle((left, side_px / 2 - half, left + step * 0.6, side_px / 2 + half), SOUND)
    return image


def _name(image: Image.Image, entry: Given, place: Place) -> None:
    """The name, and the length of what has one."""
    text = f"{entry.label} {entry.medium.seconds:.1f} s" if entry.medium.seconds else entry.label
    draw = ImageDraw.Draw(image)
    draw.rectangle((place.band[0], place.band[1], place.band[2] - 1, place.band[3] - 1), BAND)
    size = place.band_px * 3 // 4
    while size > 6 and ImageFont.load_default(size).getlength(text) > place.side_px - 4:
        size -= 1
    draw.text((place.x_px + 2, place.band[1] + 1), text, INK, ImageFont.load_default(size))
