"""What a library takes: kinds, sizes, sides, lengths (the relay's own limits); and Refused, which says the rule broken.

Source: contract.md, Submit.
"""

from enum import StrEnum

from django.utils.translation import gettext as _

from generations.media.models import MediaFile

Kind = MediaFile.Kind

MEGABYTE = 1_000_000
MAX_BYTES = {Kind.IMAGE: 30 * MEGABYTE, Kind.VIDEO: 50 * MEGABYTE, Kind.AUDIO: 15 * MEGABYTE}
MOST_BYTES = max(MAX_BYTES.values())
MAX_PIXELS = 40_000_000
MIN_SIDE_PX, MAX_SIDE_PX = 300, 6000
MIN_ASPECT, MAX_ASPECT = 0.4, 2.5
MIN_VIDEO_SECONDS, MAX_SECONDS = 2, 15
PADDING_MS = 50  # encoders fill the last frame: fifteen seconds of MP3 measure 15.03


class Rule(StrEnum):
    TYPE = "type"
    BROKEN = "broken"
    SIZE = "size"
    PIXELS = "pixels"
    SIDES = "sides"
    ASPECT = "aspect"
    LENGTH = "length"
    MOVING = "moving"
    QUOTA = "quota"
    COUNT = "count"
    ARCHIVED = "archived"
    ADDRESS = "address"
    TWICE = "twice"
    ROOM = "room"


class Refused(Exception):
    """A file, or its address, breaks this rule; `said` tells a person, with the figures. Nothing was kept."""

    def __init__(self, rule: Rule, said: str) -> None:
        super().__init__(said)
        self.rule = rule
        self.said = said


def not_kept() -> Refused:
    return Refused(Rule.TYPE, _("Not a JPEG, PNG, WebP, MP4, MOV, MP3 or WAV file, whatever its name says."))


def broken() -> Refused:
    return Refused(Rule.BROKEN, _("The file is damaged or cut short: it can't be read to its end."))


def too_large(kind: MediaFile.Kind) -> Refused:
    names = {
        Kind.IMAGE: _("Images may have %(most)d MB at most."),
        Kind.VIDEO: _("Videos may have %(most)d MB at most."),
        Kind.AUDIO: _("Sound may have %(most)d MB at most."),
    }
    return Refused(Rule.SIZE, names[kind] % {"most": MAX_BYTES[kind] // MEGABYTE})


def too_many_pixels(width_px: int, height_px: int) -> Refused:
    found = {"most": MAX_PIXELS // 1_000_000, "width": width_px, "height": height_px}
    return Refused(
        Rule.PIXELS, _("Images may have %(most)d megapixels at most; this one is %(width)d × %(height)d px.") % found
    )


def check_size(kind: MediaFile.Kind, size_bytes: int) -> None:
    """Raises Refused."""
    if size_bytes > MAX_BYTES[kind]:
        raise too_large(kind)


def check_sides(width_px: int, height_px: int) -> None:
    """Of an image. Raises Refused."""
    found = {"width": width_px, "height": height_px}
    if width_px * height_px > MAX_PIXELS:
        raise too_many_pixels(width_px, height_px)
    if not (min(width_px, height_px) >= MIN_SIDE_PX and max(width_px, height_px) <= MAX_SIDE_PX):
        said = _("An image's sides must be %(low)d to %(high)d px; this one is %(width)d × %(height)d px.")
        raise Refused(Rule.SIDES, said % (found | {"low": MIN_SIDE_PX, "high": MAX_SIDE_PX}))
    if not MIN_ASPECT <= width_px / height_px <= MAX_ASPECT:
        said = _(
            "An image's width must be %(low)s to %(high)s times its height; this one is %(width)d × %(height)d px."
        )
        raise Refused(Rule.ASPECT, said % (found | {"low": MIN_ASPECT, "high": MAX_ASPECT}))


def check_length(kind: MediaFile.Kind, duration_ms: int) -> None:
    """Of a video or a sound. Raises Refused."""
    is_long = duration_ms > MAX_SECONDS * 1000 + PADDING_MS
    figures = {"low": MIN_VIDEO_SECONDS, "high": MAX_SECONDS, "found": f"{duration_ms / 1000:.1f}"}
    if kind == Kind.VIDEO and (is_long or duration_ms < MIN_VIDEO_SECONDS * 1000 - PADDING_MS):
        raise Refused(Rule.LENGTH, _("Videos must be %(low)d to %(high)d s long; this one has %(found)s s.") % figures)
    if kind == Kind.AUDIO and is_long:
        raise Refused(Rule.LENGTH, _("Sound may be %(high)d s long at most; this has %(found)s s.") % figures)
