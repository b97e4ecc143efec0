"""An upscale: the same clip, larger. Nothing is drawn into it, and its sound is kept."""

from pathlib import Path

import imageio_ffmpeg

from generations.relay.wire import frame_size
from generations.sandbox.measuring import Medium


def larger(medium: Medium, resolution: str) -> tuple[int, int]:
    """The size in px of a video whose shorter side is that of the resolution, both even."""
    _, short_px = frame_size(resolution, "16:9")
    factor = short_px / min(medium.width_px, medium.height_px)
    return round(medium.width_px * factor / 2) * 2, round(medium.height_px * factor / 2) * 2


def command(source: Path, width_px: int, height_px: int, to: Path) -> list[str]:
    """The ffmpeg call."""
    return [
        *(imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-nostdin", "-y", "-loglevel", "error"),
        *("-progress", "pipe:1", "-nostats", "-protocol_whitelist", "file", "-f", "mov", "-i", str(source)),
        *("-map", "0:v:0", "-map", "0:a:0?", "-vf", f"scale={width_px}:{height_px}:flags=lanczos,setsar=1"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-crf", "20", "-threads", "4", "-pix_fmt", "yuv420p"),
        *("-c:a", "aac", "-b:a", "128k", "-map_metadata", "-1", "-movflags", "+faststart", str(to)),
    ]
