"""The still layers of a clip, drawn by Pillow from prompt and seed: glows, hills, caption. They move in render.py."""

import math
import unicodedata
from colorsys import hls_to_rgb
from random import Random

from PIL import Image, ImageDraw, ImageFont

type Colour = tuple[int, int, int]
type Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
type Layer = Image.Image

OTHER_FONTS = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "NotoSansCJK-Regular.ttc", "Arial Unicode.ttf")
WHITE = (255, 255, 255, 255)
PALE = (255, 255, 255, 185)
SKIES = (  # hues from 0 to 1, from the top down
    (0.70, 0.80, 0.93, 1.08),
    (0.62, 0.60, 0.56, 0.11),
    (0.66, 0.73, 0.85, 0.96),
    (0.55, 0.50, 0.47, 0.14),
    (0.63, 0.58, 0.55, 0.52),
    (0.85, 0.93, 1.02, 1.10),
)
LETTERS = 2_000  # of a prompt that are drawn at most


def dice(prompt: str, seed: int) -> Random:
    """The only source of chance in a picture: the same prompt and seed throw the same numbers on every machine."""
    return Random(f"{seed}\n{prompt}")  # noqa: S311 (a picture, not a secret)


def palette(chance: Random) -> list[Colour]:
    """Four colours of a sky, from high and dark to the horizon, light: dusk, dawn, night or noon, slightly turned."""
    hues = chance.choice(SKIES)
    turn = chance.uniform(-0.03, 0.03)
    return [colour(hue + turn, 0.2 + 0.16 * row, 0.58) for row, hue in enumerate(hues)]


def colour(hue: float, lightness: float, saturation: float) -> Colour:
    """Hue turns at 1; lightness and saturation are 0-1."""
    red, green, blue = hls_to_rgb(hue % 1, lightness, saturation)
    return round(red * 255), round(green * 255), round(blue * 255)


def glow(diameter_px: int, colour: Colour) -> Image.Image:
    """A soft disc: a bright heart that fades to nothing at the rim."""
    distance = Image.radial_gradient("L").resize((diameter_px, diameter_px))
    image = Image.new("RGBA", (diameter_px, diameter_px), (*colour, 0))
    image.putalpha(distance.point([round(235 * max(0.0, 1 - rim / 178) ** 2) for rim in range(256)]))
    return image


def hills(chance: Random, width_px: int, height_px: int, colour: Colour) -> Image.Image:
    """A ridge of rolling hills, drawn twice as large and halved, so that its edge is smooth."""
    waves = [(chance.uniform(0.6, 3.4), chance.uniform(0, math.tau), chance.uniform(0.3, 1)) for _ in range(4)]
    total = sum(weight for _, _, weight in waves)

    def ridge(x_px: float) -> float:
        turn = x_px / (height_px * 4) * math.tau
        return sum(math.sin(turn * pace + start) * weight for pace, start, weight in waves) / total

    top = [(x, height_px * (1 - 0.7 * ridge(x / 2))) for x in range(0, width_px * 2 + 8, 8)]
    image = Image.new("RGBA", (width_px * 2, height_px * 2), (*colour, 0))
    ImageDraw.Draw(image).polygon([(0, height_px * 2), *top, (width_px * 2, height_px * 2)], (*colour, 255))
    return image.resize((width_px, height_px), Image.Resampling.BOX)


def caption(text: str, note: str, width_px: int, height_px: int) -> Image.Image:
    """A strip for the head of a frame, clear of a player's controls: the text, wrapped, a small note below."""
    size_px, margin_px = min(width_px, height_px), min(width_px, height_px) // 18
    lines, font = _fit(text, width_px - 2 * margin_px, round(height_px * 0.42), size_px)
    small = _font(note, max(9, size_px // 36))
    line_px, note_px = _line_px(font), _line_px(small)
    inside_px = line_px * len(lines) + note_px + margin_px // 2
    strip = _shade(width_px, min(height_px, inside_px + 2 * margin_px) // 2 * 2)
    draw, y_px = ImageDraw.Draw(strip), margin_px
    for number, line in enumerate(lines):
        draw.text((margin_px, y_px + number * line_px), line, WHITE, font)
    draw.text((margin_px, margin_px + inside_px - note_px), note, PALE, small)
    return strip


def _shade(width_px: int, height_px: int) -> Image.Image:
    """A dark veil, clear at its foot, that keeps white text readable on every sky."""
    veil = Image.linear_gradient("L").transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize((width_px, height_px))
    strip = Image.new("RGBA", (width_px, height_px), (6, 8, 20, 0))
    strip.putalpha(veil.point([round(200 * (level / 255) ** 1.4) for level in range(256)]))
    return strip


def _fit(text: str, width_px: int, height_px: int, size_px: int) -> tuple[list[str], Font]:
    """The largest lettering with which all of the text fits; text too long for the smallest ends in an ellipsis."""
    text = _printable(text[:LETTERS])
    for share in (0.085, 0.07, 0.058, 0.048, 0.04, 0.034):
        font = _font(text, max(10, round(size_px * share)))
        lines = _wrap(text, font, width_px)
        if len(lines) * _line_px(font) <= height_px:
            return lines, font
    room = max(1, height_px // _line_px(font))
    return [*lines[: room - 1], lines[room - 1][:-1] + "…"], font


def _printable(text: str) -> str:
    return " ".join("".join(" " if unicodedata.category(c)[0] == "C" else c for c in text).split())


def _wrap(text: str, font: Font, width_px: int) -> list[str]:
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= width_px:
            lines[-1] = longer
        else:
            lines.extend(_pieces(word, font, width_px))
    return [line for line in lines if line]


def _pieces(word: str, font: Font, width_px: int) -> list[str]:
    """A word cut where it passes the width: also the way of scripts that have no spaces."""
    pieces = [""]
    for letter in word:
        if font.getlength(pieces[-1] + letter) > width_px:
            pieces.append("")
        pieces[-1] += letter
    return pieces


def _font(text: str, size_px: int) -> Font:
    """Pillow's own font, unless another of this machine has more of the text's letters."""
    own = ImageFont.load_default(size_px)
    if _missing(own, text) == 0:
        return own
    others = [font for name in OTHER_FONTS if (font := _installed(name, size_px))]
    return min((own, *others), key=lambda font: _missing(font, text))


def _installed(name: str, size_px: int) -> Font | None:
    try:
        return ImageFont.truetype(name, size_px)
    except OSError:
        return None


def _missing(font: Font, text: str) -> int:
    """How many letters the font has no shape for."""
    nothing = bytes(font.getmask("\U0010fffe"))
    return sum(bytes(font.getmask(letter)) == nothing for letter in set(text) if not letter.isspace())


def _line_px(font: Font) -> int:
    _, top, _, bottom = font.getbbox("Ågjy")
    return round((bottom - top) * 1.3)
