"""The pictures made of a clip: poster, preview, strip. Where they are kept is decided in archive.py."""

from pathlib import Path

from PIL import Image, ImageStat

from generations.media import ffmpeg
from generations.media.child import Limits
from generations.media.ffmpeg import Target
from generations.media.probe import Facts

LIMITS = Limits(deadline_seconds=120, cpu_seconds=180)
POSTER_SIDE_PX = 960
PREVIEW_SIDE_PX = 480  # the shorter side
STRIP_FRAMES = 10
STRIP_HEIGHT_PX = 180
BLACK = 16  # mean brightness of 255 up to which a still counts as black: fades, title cards
MOMENTS = (0.5, 0.25, 0.75, 0.1, 0.9)  # of the duration, tried in turn

POSTER = (
    *(
        "-vf",
        f"scale='min({POSTER_SIDE_PX},iw)':'min({POSTER_SIDE_PX},ih)':force_original_aspect_ratio=decrease,format=yuv420p",
    ),
    *("-frames:v", "1", "-c:v", "libwebp", "-quality", "72", "-f", "webp"),
)
PREVIEW = (
    *("-map", "[preview]", "-c:v", "libx264", "-preset", "veryfast", "-crf", "30", "-pix_fmt", "yuv420p"),
    *("-threads", ffmpeg.THREADS, "-movflags", "+faststart", "-f", "mp4"),
)
STRIP = ("-map", "[strip]", "-frames:v", "1", "-c:v", "libwebp", "-quality", "60", "-f", "webp")


def make_poster(source: Path, facts: Facts, target: Path) -> None:
    """A WebP still from the middle, or from the first other moment that is not black. Raises ToolFailed."""
    for moment in MOMENTS:
        seconds = facts.duration_ms / 1000 * moment
        ffmpeg.run(source, Target(target, POSTER), seek_seconds=seconds, limits=LIMITS)
        if brightness(target) > BLACK:
            return


def make_preview_and_strip(source: Path, facts: Facts, preview: Path, strip: Path) -> None:
    """A silent MP4 of 480 px and a WebP of ten frames side by side, from one reading. Raises ToolFailed."""
    ffmpeg.run(source, Target(preview, PREVIEW), Target(strip, STRIP), graph=_graph(facts), limits=LIMITS)


def _graph(facts: Facts) -> str:
    side = min(PREVIEW_SIDE_PX, facts.width_px, facts.height_px) // 2 * 2
    size = f"-2:{side}" if facts.width_px >= facts.height_px else f"{side}:-2"
    rate = STRIP_FRAMES * 1000 / facts.duration_ms
    fill = f"tpad=stop={STRIP_FRAMES}:stop_mode=clone"  # rounding may leave fewer than ten
    cells = f"fps={rate:.6f},scale=-2:{STRIP_HEIGHT_PX},{fill},tile={STRIP_FRAMES}x1"
    return f"[0:V]scale={size},format=yuv420p,split[preview][small];[small]{cells}[strip]"


def brightness(picture: Path) -> float:
    with Image.open(picture, formats=["WEBP"]) as image:
        return ImageStat.Stat(image.convert("L")).mean[0]
