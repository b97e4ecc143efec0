"""VideoAsk: what a person asks for, once every field has been read and found possible. Reading it: limits.py."""

from dataclasses import dataclass
from fractions import Fraction

FRAMES = ("first_frame", "last_frame")


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One thing that the model is shown. `tag` is its name in the prompt ("image2"), or "first", "last" of a frame.

    The tag stays its own however the tray is sorted; the relay's numbers are made of the order when it is sent.
    """

    tag: str
    role: str  # reference_image, reference_video, reference_audio, first_frame, last_frame
    kind: str  # image, video, audio
    media_id: int
    sha256: str
    milliseconds: int = 0
    width_px: int = 0
    height_px: int = 0
    size_bytes: int = 0

    @property
    def is_frame(self) -> bool:
        return self.role in FRAMES


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoAsk:
    """One clip to be made, or images, or an upscale (`kind`). `model` is the catalogue's name.

    `seed` None lets the relay choose one. Of images `resolution` is the size in px ("1024x1024") and `seconds` 0.
    """

    prompt: str
    model: str
    resolution: str
    ratio: str
    seconds: int
    audio: bool
    seed: int | None = None
    given: tuple[Given, ...] = ()
    kind: str = "clip"  # one of catalog.models.Kind
    images: int = 0  # how many, where the kind is image

    @property
    def input_seconds(self) -> Fraction:
        """Seconds of video that are billed as input."""
        return Fraction(sum(each.milliseconds for each in self.given if each.kind == "video"), 1000)

    @property
    def input(self) -> str:
        """The kind of input that chooses the sku where there is a choice. Source: catalog.json, HappyHorse's note."""
        roles = {each.role for each in self.given}
        known = (("reference_video", "video-edit"), ("first_frame", "i2v"), ("reference_image", "r2v"))
        return next((kind for role, kind in known if role in roles), "t2v")
