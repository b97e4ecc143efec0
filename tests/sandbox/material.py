"""Files to show a model, made on the spot: images of one colour, clips, sounds. And multipart bodies around them."""

import io
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import imageio_ffmpeg
from PIL import Image

RED, GREEN, BLUE = (200, 30, 30), (30, 160, 40), (30, 60, 200)


def image(colour: tuple[int, int, int] = RED, size: tuple[int, int] = (400, 400), form: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, form)
    return file.getvalue()


@cache
def clip(colour: str = "0x1e3cc8", seconds: float = 2.0, size: str = "320x240", form: str = "mp4") -> bytes:
    """With a tone in it; after its first second it is white."""
    picture = f"color={colour}:s={size}:r=24:d={min(1.0, seconds)}[a];color=white:s={size}:r=24:d={seconds}[b]"
    chain = f"{picture};[a][b]concat=n=2,trim=duration={seconds}[v]"
    sound = ("-f", "lavfi", "-i", f"sine=440:d={seconds}")
    return _made([*sound, "-filter_complex", chain, "-map", "[v]", "-map", "0:a", "-t", str(seconds)], form)


@cache
def sound(seconds: float = 3.0, form: str = "wav") -> bytes:
    return _made(["-f", "lavfi", "-i", f"sine=440:d={seconds}:r=8000", "-ac", "1"], form)


def _made(words: list[str], form: str) -> bytes:
    with tempfile.NamedTemporaryFile() as file:
        more = ["-movflags", "+faststart"] if form in ("mp4", "mov") else []
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *words, *more, "-f", form, file.name]
        subprocess.run(command, capture_output=True, check=True)
        return Path(file.name).read_bytes()


def multipart(data: bytes, name: str = "a.bin", field: str = "file", boundary: str = "----b7") -> tuple[bytes, str]:
    """The body, and its content type."""
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nvision\r\n--{boundary}\r\n'
    head += f'Content-Disposition: form-data; name="{field}"; filename="{name}"\r\nContent-Type: text/plain\r\n\r\n'
    return head.encode() + data + f"\r\n--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"
