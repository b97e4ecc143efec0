"""A file that somebody gives us becomes a kept one, or is refused: typed by decoding, never by its name.

Projects, quotas and addresses are library.py's.
"""

from pathlib import Path

from generations.media import archive, child, ffmpeg, images, rules, sounds
from generations.media.errors import BadType, Truncated
from generations.media.gate import HEAD_BYTES, claimed
from generations.media.models import MediaFile
from generations.media.probe import Facts, probe

Kind = MediaFile.Kind
COPYING = child.Limits(deadline_seconds=60, cpu_seconds=30)


def keep_upload(path: Path) -> MediaFile:
    """Keeps what lies at `path`; the file stays the caller's. Raises Refused, ToolFailed, DiskFull."""
    with path.open("rb") as file:
        kind = claimed(file.read(HEAD_BYTES))
    if kind is None:
        raise rules.not_kept()
    rules.check_size(kind, path.stat().st_size)
    return {Kind.IMAGE: images.keep, Kind.VIDEO: keep_clip, Kind.AUDIO: sounds.keep}[kind](path)


def keep_clip(path: Path) -> MediaFile:
    """Keeps the video, bare of place, names and times, with its poster; `archive.illustrate` may follow.

    Raises as `keep_upload`.
    """
    facts = _facts(path)
    rules.check_length(Kind.VIDEO, facts.duration_ms)
    with path.open("rb") as file:
        to = "mov" if file.read(12)[4:] == b"ftypqt  " else "mp4"
    with archive.temp_file(".mp4") as bare:
        ffmpeg.copy(path, bare, form="mov", to=to, limits=COPYING)
        return archive.keep(bare, motion=False, facts=_facts(bare))


def _facts(path: Path) -> Facts:
    try:
        return probe(path)
    except Truncated:
        raise rules.broken() from None
    except BadType:
        raise rules.not_kept() from None
