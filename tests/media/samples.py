"""Images and sound for tests, made here: good ones, and those that a library must not take."""

from __future__ import annotations

import subprocess
import wave
import zlib
from pathlib import Path
from typing import Any

import imageio_ffmpeg
from PIL import ExifTags, Image, ImageCms, PngImagePlugin

SECRETS = (b"GPS-CANARY", b"XMP-CANARY", b"COMMENT-CANARY", b"TRAILER-CANARY")
HTML = b"<!doctype html><html><body><script>alert(1)</script></body></html>" * 20
PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="400" height="400"><script>alert(1)</script></svg>'
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(400)


def gradient(width: int, height: int) -> Image.Image:
    """Red from left to right, green from top to bottom: every corner has its own colour."""
    red = Image.linear_gradient("L").rotate(90).resize((width, height))
    green = Image.linear_gradient("L").resize((width, height))
    return Image.merge("RGB", (red, green, Image.new("L", (width, height), 60)))


def photo(path: Path, *, orientation: int = 1, size: tuple[int, int] = (640, 480), has_profile: bool = True) -> Path:
    """A JPEG as a telephone makes it: GPS, a name, XMP, a comment, a profile, and bytes behind its end."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Artist] = "GPS-CANARY"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (52.0, 31.0, 12.0)
    gradient(*size).save(
        path,
        "JPEG",
        exif=exif,
        xmp=b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>XMP-CANARY</x:xmpmeta>",
        comment="COMMENT-CANARY",
        icc_profile=profile if has_profile else None,
    )
    path.write_bytes(path.read_bytes() + b"TRAILER-CANARY")
    return path


def image(path: Path, width: int = 640, height: int = 480, form: str = "PNG", **how: Any) -> Path:
    gradient(width, height).save(path, form, **how)
    return path


def labelled_png(path: Path) -> Path:
    labels = PngImagePlugin.PngInfo()
    labels.add_itxt("XML:com.adobe.xmp", "XMP-CANARY")
    labels.add_text("Comment", "COMMENT-CANARY")
    return image(path, pnginfo=labels)


def bomb(path: Path, side_px: int = 16_000) -> Path:
    """One colour, 256 megapixels, 31 KB."""
    Image.new("1", (side_px, side_px)).save(path, "PNG")
    return path


def bomb_that_lies(path: Path) -> Path:
    """A PNG whose header says 400 × 400 and whose pixels unpack to 200 MB."""
    whole = image(path, 400, 400).read_bytes()
    start = whole.index(b"IDAT") - 4
    packed = zlib.compress(bytes(200_000_000))
    chunk = b"IDAT" + packed
    path.write_bytes(whole[:start] + len(packed).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big"))
    return path


def moving(path: Path, form: str) -> Path:
    first, *rest = (Image.new("RGB", (400, 400), colour) for colour in ("red", "green", "blue"))
    first.save(path, form, save_all=True, append_images=rest)
    return path


def wav(path: Path, seconds: float = 3.0) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        period = b"".join(
            round(20_000 * (step % 40 - 20) / 20).to_bytes(2, "little", signed=True) for step in range(40)
        )
        file.writeframes(period * round(seconds * 400))
    return path


def mp3(path: Path, seconds: float = 3.0, *options: str) -> Path:
    tone = ("-f", "lavfi", "-i", f"sine=d={seconds}", "-c:a", "libmp3lame", "-f", "mp3")
    command = (imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-loglevel", "error", "-y", *tone, *options, str(path))
    subprocess.run(command, check=True, timeout=60)
    return path


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def cut(path: Path, share: float = 0.5) -> Path:
    """The same file without its end."""
    content = path.read_bytes()
    return written(path, content[: int(len(content) * share)])
