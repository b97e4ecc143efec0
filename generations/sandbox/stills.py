"""Still images from prompt and seed: the sky, glows and hills of picture.py, the prompt in them, as PNG or JPEG."""

import io

from PIL import Image

from generations.sandbox import picture

GLOWS, RIDGES = 3, 3


def draw(prompt: str, note: str, seed: int, width_px: int, height_px: int) -> Image.Image:
    """The same prompt, seed and size make the same image."""
    chance = picture.dice(prompt, seed)
    image = _sky(picture.palette(chance), width_px, height_px)
    hue = chance.random()
    for number in range(GLOWS):
        tint = picture.colour(hue + 0.09 * number, 0.72, 0.85)
        light = picture.glow(round(min(width_px, height_px) * chance.uniform(0.4, 0.9)), tint)
        at = round(chance.uniform(-0.1, 0.8) * width_px), round(chance.uniform(0, 0.5) * height_px)
        image.paste(light, at, light)
    for number in range(RIDGES):
        ridge_px = round(height_px * (0.26 - 0.05 * number)) * 2
        shade = picture.colour(hue + 0.55, 0.3 - 0.09 * number, 0.4)
        ridge = picture.hills(chance, width_px, ridge_px, shade)
        image.paste(ridge, (0, height_px - ridge_px), ridge)
    strip = picture.caption(prompt, note, width_px, height_px)
    image.paste(strip, (0, 0), strip)
    return image


def encoded(image: Image.Image, form: str) -> bytes:
    """`form` is PNG or JPEG."""
    file = io.BytesIO()
    image.save(file, form, **({"quality": 92} if form == "JPEG" else {"compress_level": 3}))
    return file.getvalue()


def _sky(colours: list[picture.Colour], width_px: int, height_px: int) -> Image.Image:
    """The colours from the top down, each melting into the next."""
    rows = Image.new("RGB", (1, len(colours)))
    rows.putdata(colours)
    return rows.resize((width_px, height_px), Image.Resampling.BICUBIC)
