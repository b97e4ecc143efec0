"""A file that somebody gives us becomes a kept one, or is refused: typed by decoding, never by its name.

Projects, quotas and addresses are library.py's.
"""

from pathlib import Path

from generations.media import archive, images, rules, sounds
from generations.media.errors import BadType, Truncated
from generations.media.gate import HEAD_BYTES, claimed
from generations.media.models import MediaFile
from generations.media.probe import Facts, probe

Kind = MediaFile.Kind


def keep_upload(path: Path) -> MediaFile:
    """Keeps what lies at `path`; the file stays the caller's. Raises Refused, ToolFailed, DiskFull."""
    with path.open("rb") as file:
        kind = claimed(file.read(HEAD_BYTES))
    if kind is None:
        raise rules.not_kept()
    rules.check_size(kind, path.stat().st_size)
    return {Kind.IMAGE: images.keep, Kind.VIDEO: keep_clip, Kind.AUDIO: sounds.keep}[kind](path)


def keep_clip(path: Path) -> MediaFile:
    """Keeps the video with its poster; `archive.illustrate` may follow. Raises as `keep_upload`."""
    facts = _facts(path)
    rules.check_length(Kind.VIDEO, facts.duration_ms)
    return archive.keep(path, motion=False, facts=facts)


def _facts(path: Path) -> Facts:
    try:
        return probe(path)
    except Truncated:
        raise rules.broken() from None
    except BadType:
        raise rules.not_kept() from None
