"""Real clips by ffmpeg: H.264 and AAC in a faststart MP4, the picture made from the prompt and the seed.

Drawn at an eighth of the area or less and scaled up, with the caption laid over it at full size:
a 5 s 4K clip takes about half of its own length on two cores.
"""

import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from threading import Lock, Timer

import imageio_ffmpeg

from generations.sandbox import picture, upscales
from generations.sandbox.inputs import Given
from generations.sandbox.overlays import Overlay, overlays

FRAMES_PER_SECOND = 24
DRAWN_PX = 960  # the longer side of the picture before it is scaled up
DEADLINE_SECONDS = 600
GLOWS, RIDGES = 3, 3
CHORDS = ((196.0, 246.9, 293.7), (174.6, 220.0, 261.6), (220.0, 261.6, 329.6), (164.8, 207.7, 246.9))


class RenderFailed(Exception):
    """ffmpeg did not make the clip; the message is its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """What to render. `note` stands small below the prompt."""

    prompt: str
    note: str
    seed: int
    width_px: int
    height_px: int
    seconds: int
    has_sound: bool
    given: tuple[Given, ...] = ()
    is_upscale: bool = False


class Children:
    """The ffmpeg processes under way, so that a stop can end them. After stop() none is started any more."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._running: set[subprocess.Popen[str]] = set()
        self._stopped = False

    def run(self, command: list[str], on_line: Callable[[str], None]) -> int:
        """Run to the end, each line of output given to on_line; its exit status. Raises RenderFailed when stopped."""
        with self._lock:
            if self._stopped:
                raise RenderFailed("stopped")
            child = _start(command)
            self._running.add(child)
        try:
            return _follow(child, on_line)
        finally:
            with self._lock:
                self._running.discard(child)

    def stop(self) -> None:
        with self._lock:
            self._stopped = True
            for child in self._running:
                child.kill()


def _start(command: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )


def _follow(child: subprocess.Popen[str], on_line: Callable[[str], None]) -> int:
    alarm = Timer(DEADLINE_SECONDS, child.kill)
    alarm.daemon = True
    alarm.start()
    try:
        with child:
            for line in child.stdout or ():
                on_line(line.strip())
    finally:
        alarm.cancel()
    return child.returncode


def render(clip: Clip, to: Path, children: Children, on_progress: Callable[[int], None]) -> None:
    """Write the clip to `to`, whole or not at all; on_progress is given 0-100. Raises RenderFailed."""
    complaints: list[str] = []

    def on_line(line: str) -> None:
        name, equals, value = line.partition("=")
        if name == "out_time_us" and value.isdigit():
            on_progress(min(100, int(value) // (clip.seconds * 10_000)))
        elif not equals or " " in name:
            complaints.append(line)

    with tempfile.TemporaryDirectory(prefix="layers-", dir=to.parent) as folder:
        unfinished = Path(folder) / "clip.mp4"
        status = children.run(command(clip, Path(folder), unfinished), on_line)
        if status != 0:
            raise RenderFailed(" ".join(complaints)[-500:] or f"ffmpeg ended with {status}")
        unfinished.rename(to)


def command(clip: Clip, folder: Path, to: Path) -> list[str]:
    """The ffmpeg call for a clip. Draws its still layers into the folder first."""
    if clip.is_upscale:
        return upscales.command(clip.given[0].path, clip.width_px, clip.height_px, to)
    chance = picture.dice(clip.prompt, clip.seed)
    width, height = drawn_size(clip)
    sky, layers, moves = _sky(clip, chance, width, height), *_layers(clip, chance, folder, width, height)
    shown = overlays(clip.given, (clip.width_px, clip.height_px), clip.seconds, folder)
    inputs = [*sky, *(word for path in layers for word in ("-i", str(path)))]
    inputs += [word for overlay in shown for word in ("-framerate", str(FRAMES_PER_SECOND), "-i", str(overlay.path))]
    sound = _sound(clip, chance, len(layers) + len(shown) + 1) if clip.has_sound else []
    return [
        *(imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-nostdin", "-y", "-loglevel", "error"),
        *("-progress", "pipe:1", "-nostats", *inputs, *sound[:4]),
        *("-filter_complex", ";".join(_graph(clip, moves, shown)), "-map", "[clip]", *sound[4:]),
        *("-frames:v", str(clip.seconds * FRAMES_PER_SECOND), "-t", str(clip.seconds)),
        *("-c:v", "libx264", "-preset", "ultrafast", "-crf", "24", "-threads", "4", "-pix_fmt", "yuv420p"),
        *("-map_metadata", "-1", "-fflags", "+bitexact", "-movflags", "+faststart", str(to)),
    ]


def drawn_size(clip: Clip) -> tuple[int, int]:
    """The even size in px at which the picture is drawn."""
    share = min(1.0, DRAWN_PX / max(clip.width_px, clip.height_px))
    return round(clip.width_px * share / 2) * 2, round(clip.height_px * share / 2) * 2


def _sky(clip: Clip, chance: Random, width: int, height: int) -> list[str]:
    colours = picture.palette(chance)
    named = ":".join(f"c{row}=0x{red:02x}{green:02x}{blue:02x}" for row, (red, green, blue) in enumerate(colours))
    size = f"s={width // 4 * 2}x{height // 4 * 2}:r={FRAMES_PER_SECOND}:d={clip.seconds}"
    line = f"x0={width // 8}:y0=0:x1={width // 4}:y1={height // 2 - 1}"
    source = f"gradients={size}:n={len(colours)}:{named}:{line}:speed=0.004:seed={chance.randrange(1 << 31)}"
    return ["-f", "lavfi", "-i", source]


def _layers(
    clip: Clip, chance: Random, folder: Path, width: int, height: int
) -> tuple[list[Path], list[tuple[str, str]]]:
    """The still pictures, back to front, the caption last; and where each stands at the time t."""
    hue = chance.random()
    pictures, moves = [], []
    for number in range(GLOWS):
        diameter = round(min(width, height) * chance.uniform(0.6, 1.1))
        pictures.append(picture.glow(diameter, picture.colour(hue + 0.09 * number, 0.72, 0.85)))
        moves.append(_drift(chance))
    for number in range(RIDGES):
        speed = width * (0.02 + 0.025 * number)
        ridge_px = round(height * (0.26 - 0.05 * number)) * 2
        shade = picture.colour(hue + 0.55, 0.3 - 0.09 * number, 0.4)
        pictures.append(picture.hills(chance, width + round(speed * clip.seconds / 2) * 2 + 2, ridge_px, shade))
        moves.append((f"-{speed:.2f}*t", "H-h"))
    pictures.append(picture.caption(clip.prompt, clip.note, clip.width_px, clip.height_px))
    moves.append(("0", "H-h"))
    return [_save(image, folder / f"{number}.png") for number, image in enumerate(pictures)], moves


def _drift(chance: Random) -> tuple[str, str]:
    """A slow loop round the sky, another for each light."""
    across, along = chance.uniform(6, 11), chance.uniform(5, 9)
    start = chance.uniform(0, 6.28)
    return (
        f"(W-w)/2+W*0.42*sin(2*PI*t/{across:.2f}+{start:.2f})",
        f"(H-h)/2-H*0.12+H*0.3*cos(2*PI*t/{along:.2f}+{start:.2f})",
    )


def _save(image: picture.Layer, path: Path) -> Path:
    image.save(path, compress_level=1)
    return path


def _graph(clip: Clip, moves: list[tuple[str, str]], shown: list[Overlay]) -> list[str]:
    """The filters: every layer but the last laid over the small sky, that scaled up, the caption laid over it.

    What the task is shown comes on top of all.
    """
    width, height = drawn_size(clip)
    steps = [f"[0:v]scale={width}:{height}:flags=bilinear,format=yuv420p[sky0]"]
    for number, (x, y) in enumerate(moves[:-1]):
        over = f"overlay=x='{x}':y='{y}':format=yuv420"
        steps.append(f"[sky{number}][{number + 1}:v]{over}[sky{number + 1}]")
    steps.append(f"[sky{len(moves) - 1}]scale={clip.width_px}:{clip.height_px}:flags=bicubic,setsar=1[large]")
    steps.append(f"[large][{len(moves)}:v]overlay=x=0:y=0:format=yuv420[told0]")
    for number, overlay in enumerate(shown):
        steps.append(f"[{len(moves) + 1 + number}:v]{overlay.prepared}[shown{number}]")
        over = f"overlay=x=0:y=0:eof_action={overlay.after}:format=yuv420"
        steps.append(f"[told{number}][shown{number}]{over}[told{number + 1}]")
    return [*steps, f"[told{len(shown)}]format=yuv420p[clip]"]


def _sound(clip: Clip, chance: Random, number: int) -> list[str]:
    """A soft chord that swells and fades: four words of input, then the output's."""
    tones = "+".join(
        f"0.07*sin(2*PI*{tone}*t)*(0.6+0.4*sin(2*PI*t/{chance.uniform(2, 5):.2f}))" for tone in chance.choice(CHORDS)
    )
    wave = f"({tones})*min(1,min(2*t,2*({clip.seconds}-t)))"
    source = f"aevalsrc='{wave}|{wave}':s=48000:d={clip.seconds}"
    codec = ("-c:a", "aac", "-b:a", "128k", "-flags:a", "+bitexact")
    return ["-f", "lavfi", "-i", source, "-map", f"{number}:a", *codec]
