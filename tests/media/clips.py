"""Small real clips for the tests of this room, made by ffmpeg."""

import subprocess
from pathlib import Path

import imageio_ffmpeg

PICTURE = "testsrc2=s={size}:r=24:d={seconds}"
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
SOUND = ("-f", "lavfi", "-i", "sine=d=2", "-c:a", "aac", "-shortest")
FASTSTART = ("-movflags", "+faststart")


def render(path: Path, *options: str, size: str = "320x180", seconds: float = 2, picture: str = PICTURE) -> Path:
    """A clip at `path`, whose ending says the container; the options stand after the picture's input."""
    source = ("-f", "lavfi", "-i", picture.format(size=size, seconds=seconds))
    command = (imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-loglevel", "error", "-y", *source, *options, str(path))
    subprocess.run(command, check=True, timeout=60)
    return path


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path
