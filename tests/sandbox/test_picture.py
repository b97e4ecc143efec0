"""The still layers: text wrapped and readable, shapes drawn the same for the same seed."""

import pytest
from PIL import ImageFont

from generations.sandbox import picture


def whites(strip: picture.Layer) -> int:
    """How many pixels are the text's own opaque white."""
    return sum(count for count, colour in strip.getcolors(1 << 24) or () if colour == picture.WHITE)


def test_caption_spans_the_frame_and_holds_white_text() -> None:
    strip = picture.caption("A fox in the snow", "a note", 1280, 720)
    assert strip.width == 1280
    assert strip.height % 2 == 0
    assert whites(strip) > 1_000
    assert whites(picture.caption("", "a note", 1280, 720)) == 0


@pytest.mark.parametrize("size", [(854, 480), (480, 854), (3840, 2160), (1564, 670)])
def test_caption_of_a_long_prompt_stays_in_the_lower_half(size: tuple[int, int]) -> None:
    strip = picture.caption("the long way home " * 500, "a note", *size)
    assert (strip.width, strip.height <= size[1] * 0.6) == (size[0], True)


@pytest.mark.parametrize("text", ["Ünïcode ÆØÅ", "Лиса", "狐狸の森", "\x00\x1b\u202e", "🦊", "x" * 5_000, "\n\t"])
def test_caption_draws_any_text(text: str) -> None:
    assert picture.caption(text, "note", 480, 854).width == 480


def test_hills_and_colours_repeat_for_the_same_prompt_and_seed() -> None:
    def draw(prompt: str, seed: int) -> bytes:
        chance = picture.dice(prompt, seed)
        return picture.hills(chance, 200, 60, picture.palette(chance)[0]).tobytes()

    assert draw("fox", 7) == draw("fox", 7)
    assert len({draw("fox", 7), draw("fox", 8), draw("cat", 7)}) == 3


def test_glow_is_bright_at_its_heart_and_clear_at_its_rim() -> None:
    alpha = picture.glow(100, (255, 0, 0)).getchannel("A")
    heart, rim = alpha.getpixel((50, 50)), alpha.getpixel((0, 50))
    assert isinstance(heart, int)
    assert (heart > 200, rim) == (True, 0)


def test_caption_is_in_pillows_own_font_where_it_has_the_letters() -> None:
    font = picture._font("A fox · 3840x2160 · seed 7 …", 20)
    assert isinstance(font, ImageFont.FreeTypeFont)
    assert font.getname() == ("Aileron", "Regular")
