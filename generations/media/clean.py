"""The main program of the image child: `clean.py SOURCE TARGET SMALL` writes the image anew, and a small WebP of it.

Only the pixels pass, turned upright and in sRGB: no EXIF, XMP, ICC profile, comment, or bytes behind the end.
Prints {"content_type": …, "width_px": …, "height_px": …} or {"wrong": "type" | "broken" | "moving" | "pixels", …}.
"""

import contextlib
import io
import json
import sys
import warnings
from typing import Any

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

FORMATS = ("JPEG", "PNG", "WEBP")
MAX_PIXELS = 40_000_000
SMALL_PX = 640
HOW: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 95, "subsampling": "4:4:4"},
    "PNG": {"compress_level": 6},
    "WEBP": {"quality": 95, "method": 4},
}


def clean(source: str, target: str, small: str) -> dict[str, Any]:
    with Image.open(source, formats=FORMATS) as image:
        kind = "JPEG" if image.format == "MPO" else str(image.format)  # MPO: a camera's JPEG with a second view
        if image.width * image.height > MAX_PIXELS:
            return {"wrong": "pixels", "width_px": image.width, "height_px": image.height}
        if image.format != "MPO" and getattr(image, "n_frames", 1) > 1:
            return {"wrong": "moving"}
        image.load()
        pixels = in_srgb(upright(image))
    bare = Image.new(pixels.mode, pixels.size)  # what else the file carried stays behind
    bare.paste(pixels)
    bare.save(target, kind, **HOW[kind])
    bare.thumbnail((SMALL_PX, SMALL_PX))
    bare.save(small, "WEBP", quality=78)
    return {"content_type": f"image/{kind.lower()}", "width_px": pixels.width, "height_px": pixels.height}


def upright(image: Image.Image) -> Image.Image:
    """Turned as the camera was held; an orientation that can't be read is none."""
    try:
        return ImageOps.exif_transpose(image)
    except (ValueError, TypeError, KeyError, SyntaxError, OSError, OverflowError):
        return image


def in_srgb(image: Image.Image) -> Image.Image:
    """RGB or RGBA. A profile that can't be used is passed over, as browsers do."""
    profile = image.info.get("icc_profile")
    if image.mode.startswith("I"):  # 16 bits of grey
        image = image.convert("I").point(lambda level: level * (1 / 256)).convert("L")
    mode = "RGBA" if image.has_transparency_data else "RGB"
    if profile and image.mode in ("RGB", "RGBA", "CMYK"):
        with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
            given, own = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
            turned = ImageCms.profileToProfile(image, given, own, outputMode=mode)
            return turned or image.convert(mode)
    return image.convert(mode)


def main(source: str, target: str, small: str) -> dict[str, Any]:
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS * 100  # ours is looked at before anything is loaded, and says its figures
    warnings.simplefilter("ignore")
    try:
        return clean(source, target, small)
    except UnidentifiedImageError:
        return {"wrong": "type"}
    except (OSError, SyntaxError, ValueError, TypeError, KeyError, EOFError, OverflowError, MemoryError) as error:
        return {"wrong": "broken", "reason": f"{type(error).__name__}: {error}"[:300]}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(*sys.argv[1:4])))
