"""The one place that starts ffmpeg: imageio-ffmpeg's own, without network or environment, on local files only.

What is made of a file stands in pictures.py. The studio works without ffmpeg: callers go on after ToolFailed.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg

from generations.media import child
from generations.media.errors import ToolFailed

# A playlist named .mp4 gets past a protocol list alone, so the demuxer and the decoders are named too.
FORMAT = "mov"
DECODERS = "h264,hevc,libdav1d,av1,vp9"
SOUND_DECODERS = "mp3,mp3float,pcm_u8,pcm_s16le,pcm_s24le,pcm_s32le,pcm_f32le,pcm_f64le"
DECODERS_OF = {"mov": DECODERS, "mp3": SOUND_DECODERS, "wav": SOUND_DECODERS}
BARE = ("-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact")
FILM = ("-movflags", "+faststart", "-write_tmcd", "0")  # no time code either
HOW = {"mp4": FILM, "mov": FILM, "mp3": ("-id3v2_version", "0")}
THREADS = str(min(4, os.cpu_count() or 1))


@dataclass(frozen=True, slots=True)
class Target:
    """A file to write, and ffmpeg's options for it."""

    path: Path
    options: tuple[str, ...]


def run(
    source: Path,
    *targets: Target,
    seek_seconds: float = 0,
    graph: str = "",
    with_sound: bool = False,
    limits: child.Limits,
) -> None:
    """Makes the targets of the source, with a filter graph over all of them if given. Sound is never decoded.

    Raises ToolFailed (TooSlow at the deadline), also when a target was left empty.
    """
    command = [_program(), *_guards(), "-ss", f"{seek_seconds:.3f}", "-i", _local(source)]
    command += ["-filter_complex", graph] if graph else []
    for target in targets:
        command += [] if with_sound else ["-an"]
        command += ["-sn", "-dn", "-map_metadata", "-1", *target.options, _local(target.path)]
    ended = child.run(command, limits)
    if ended.status != 0 or not all(target.path.is_file() and target.path.stat().st_size for target in targets):
        raise ToolFailed(f"ffmpeg ended with {ended.status}: {ended.complaint[-500:]}")


def copy(source: Path, target: Path, *, form: str, to: str, limits: child.Limits) -> None:
    """The first pictures and the first sound, sample for sample, and nothing else of the file. Nothing is decoded.

    `form` and `to` name the container read and written: mov, mp4, mp3, wav. Raises ToolFailed (TooSlow).
    """
    command = [_program(), *_guards(form, DECODERS_OF[form]), "-i", _local(source)]
    command += ["-map", "0:V:0?", "-map", "0:a:0?", "-c", "copy", "-map_metadata", "-1", "-map_chapters", "-1"]
    command += [*BARE, *HOW.get(to, ()), "-f", to, _local(target)]
    ended = child.run(command, limits)
    if ended.status != 0 or not target.stat().st_size:
        raise ToolFailed(f"ffmpeg ended with {ended.status}: {ended.complaint[-500:]}")


def _program() -> str:
    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise ToolFailed(str(error)) from None


def _guards(form: str = FORMAT, decoders: str = DECODERS) -> tuple[str, ...]:
    """Options that stand before the input."""
    lists = ("-f", form, "-format_whitelist", form, "-codec_whitelist", decoders, "-protocol_whitelist", "file")
    return ("-nostdin", "-hide_banner", "-loglevel", "fatal", "-y", "-threads", THREADS, *lists)


def _local(path: Path) -> str:
    """Never an option, a protocol or a pattern, whatever the name. Raises ValueError when it is not absolute."""
    if not path.is_absolute():
        raise ValueError(f"{path} is not absolute")
    return f"file:{path}"
