"""What the sandbox serves and for how much, by the catalogue file: models, limits, price list, the bill of a task."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from generations.relay.wire import VideoRequest, frame_size, seedance_tokens
from generations.sandbox.messages import Complaint

SEED_LIMIT = 2**32
SLOW_SECONDS = 20.0  # that images and words take when they are asked to be slow
MANY = {"dearer": Decimal("1.25"), "cheaper": Decimal("0.75")}
UPSCALE_PRICE = Decimal("2.00")  # USD per million tokens; our choice: no price of it is public
UPSCALE_SECONDS = (2, 15)  # Source: contract, Submit: the limits of a video
ROLES = {
    "image_url": ("reference_image", "first_frame", "last_frame"),
    "video_url": ("reference_video",),
    "audio_url": ("reference_audio",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sku:
    """One name that may stand in `model`. `price` in USD: per million tokens, or per second of clip."""

    id: str
    vendor: str
    resolutions: tuple[str, ...]
    ratios: tuple[str, ...]
    seconds: tuple[int, int]
    audio: str  # "optional", "always", or the sku's own: "with", "without"
    input: str | None
    references: dict[str, int] = field(default_factory=dict)
    frames: tuple[str, ...] = ()
    has_seed: bool
    is_per_second: bool
    is_upscale: bool = False
    price: Decimal

    def has_sound(self, asked: VideoRequest) -> bool:
        return self.audio in ("always", "with") or (self.audio == "optional" and asked.generate_audio is True)

    def size(self, asked: VideoRequest) -> tuple[int, int]:
        """Width and height in px."""
        return frame_size(asked.resolution or self.resolutions[0], asked.ratio or self.ratios[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What a task settles to: 500,000 quota are 1 USD; tokens where the model is priced by them."""

    quota: int | None
    tokens: int | None


class Menu:
    """The skus by id, and the relay's price list."""

    def __init__(self, catalog: dict[str, Any]) -> None:
        self.catalog = catalog
        self.skus: dict[str, Sku] = {}
        for model in catalog["video"]:
            for row in model["skus"]:
                self._add(model, row)
        for model in catalog.get("upscale", []):
            live = [row for row in model["skus"] if row["status"] == "live"]
            self.skus |= {row["id"]: _upscale(model, row) for row in live}

    @classmethod
    def from_file(cls, path: Path) -> "Menu":
        return cls(json.loads(path.read_text()))

    def _add(self, model: dict[str, Any], row: dict[str, Any]) -> None:
        """A sku stands in the catalogue once for each of its resolutions."""
        if known := self.skus.get(row["id"]):
            self.skus[row["id"]] = replace(known, resolutions=(*known.resolutions, row["resolution"]))
        elif row["price"] is not None:
            self.skus[row["id"]] = _sku(model, row)

    def models(self) -> dict[str, Any]:
        """The answer of GET /v1/models: the skus that this relay can render, its image and text models."""
        others = [*self.catalog.get("image", []), *self.catalog.get("text", [])]
        named = [(sku.id, sku.vendor) for sku in self.skus.values()]
        named += [(model["name"], model["vendor"]) for model in others]
        return {
            "object": "list",
            "data": [{"id": name, "object": "model", "created": 0, "owned_by": vendor} for name, vendor in named],
        }

    def other(self, kind: str, name: str) -> dict[str, Any]:
        """An image or text model as the catalogue has it. Raises Complaint when there is none."""
        for model in self.catalog.get(kind, []):
            if model["name"] == name:
                return dict(model)
        raise no_such_model(name)

    def pricing(self) -> dict[str, Any]:
        """The answer of GET /api/pricing: every model of the catalogue that has a price."""
        listed = [sku for sku in self.skus.values() if not sku.is_upscale]
        rows = [_price_row(sku.id, sku.price, is_per_call=sku.is_per_second) for sku in listed]
        rows += [_price_row(m["name"], Decimal(m["price"]), is_per_call=True) for m in self.catalog.get("image", [])]
        for text in self.catalog.get("text", []):
            price_input, price_output = Decimal(text["price_input"]), Decimal(text["price_output"])
            row = _price_row(text["name"], price_input, is_per_call=False)
            rows.append(row | {"completion_ratio": float(price_output / price_input)})
        return {"success": True, "group_ratio": {"default": 1}, "data": rows}

    def check(self, asked: VideoRequest) -> Sku:
        """The sku of a request that keeps to its limits. Raises Complaint, naming the field."""
        sku = self.skus.get(asked.model)
        if sku is None:
            raise no_such_model(asked.model)
        least, most = sku.seconds
        _require(bool(asked.prompt.strip()) or sku.is_upscale, "prompt", "must not be empty")
        _require(not (asked.prompt and sku.is_upscale), "prompt", "is not for this model")
        _require(least <= asked.seconds <= most, "seconds", f"must be from {least} to {most}")
        _require(asked.ratio in (None, *sku.ratios), "metadata.ratio", _one_of(sku.ratios))
        _require(asked.resolution in (None, *sku.resolutions), "metadata.resolution", _one_of(sku.resolutions))
        _check_options(asked, sku)
        _check_content(asked, sku)
        return sku

    def bill(self, asked: VideoRequest, words: frozenset[str] = frozenset(), input_seconds: float = 0) -> Bill:
        """What the task settles to; `input_seconds` are those of its videos.

        Never above its price by rounding: the relay cuts its quota to a whole number.
        """
        if "no-cost" in words:
            return Bill(quota=None, tokens=None)
        sku = self.skus[asked.model]
        factor = next((MANY[word] for word in MANY if word in words), Decimal(1))
        if sku.is_per_second:
            return Bill(quota=int(sku.price * asked.seconds * 500_000 * factor), tokens=None)
        output_seconds = 0 if sku.is_upscale else asked.seconds
        tokens = int(seedance_tokens(input_seconds, output_seconds, *sku.size(asked)) * factor)
        return Bill(quota=int(tokens * sku.price / 2), tokens=tokens)


def _sku(model: dict[str, Any], row: dict[str, Any]) -> Sku:
    own_audio = {True: "with", False: "without"}
    least, most = model["seconds"]
    return Sku(
        id=row["id"],
        vendor=model["vendor"],
        resolutions=(row["resolution"],),
        ratios=tuple(model["ratios"]),
        seconds=(least, most),
        audio=own_audio[row["audio"]] if "audio" in row else model["audio"],
        input=row.get("input"),
        references=_references(model, row),
        frames=_frames(model["first_last_frame"]),
        has_seed=model["seed"],
        is_per_second=row["unit"] == "per_second",
        price=Decimal(row["price"]),
    )


def _upscale(model: dict[str, Any], row: dict[str, Any]) -> Sku:
    """Takes one video and nothing else."""
    return Sku(
        id=row["id"],
        vendor=model["vendor"],
        resolutions=(row["resolution"],),
        ratios=("16:9",),
        seconds=UPSCALE_SECONDS,
        audio="optional",
        input=None,
        references={"video": 1, "total": 1},
        has_seed=False,
        is_per_second=False,
        is_upscale=True,
        price=UPSCALE_PRICE,
    )


def _references(model: dict[str, Any], row: dict[str, Any]) -> dict[str, int]:
    """How many of each kind. The sku that edits takes the one video that the model's other skus do not."""
    allowed = model["references"] or {}
    return allowed | {"video": 1} if row.get("input") == "video-edit" else allowed


def _frames(allowed: bool | str) -> tuple[str, ...]:
    if allowed == "first only":
        return ("first_frame",)
    return ("first_frame", "last_frame") if allowed else ()


def _price_row(name: str, price: Decimal, *, is_per_call: bool) -> dict[str, Any]:
    return {
        "model_name": name,
        "quota_type": int(is_per_call),
        "model_ratio": 0 if is_per_call else float(price / 2),
        "completion_ratio": 1,
        "model_price": float(price) if is_per_call else 0,
    }


def _check_options(asked: VideoRequest, sku: Sku) -> None:
    _require(asked.seed is None or sku.has_seed, "metadata.seed", "is not for this model")
    _require(asked.seed is None or -1 <= asked.seed < SEED_LIMIT, "metadata.seed", f"must be below {SEED_LIMIT}")
    against = {"always": False, "with": False, "without": True}.get(sku.audio)
    is_against = asked.generate_audio is not None and asked.generate_audio is against
    _require(not is_against, "metadata.generate_audio", f"cannot be {str(against).lower()} with this model")
    for name in ("camera_fixed", "watermark", "return_last_frame"):
        is_free = getattr(asked, name) is None or sku.vendor == "ByteDance"
        _require(is_free, f"metadata.{name}", "is not for this model")


def _check_content(asked: VideoRequest, sku: Sku) -> None:
    roles = [reference.role for reference in asked.content]
    for reference in asked.content:
        fits = reference.role in ROLES[reference.type]
        _require(fits, "metadata.content", f"{reference.type} must be {_one_of(ROLES[reference.type])}")
        _require(
            reference.url.startswith(("https://", "http://", "data:")),
            "metadata.content",
            "needs web addresses",
        )
    for kind in ("image", "video", "audio"):
        most, count = sku.references.get(kind, 0), roles.count(f"reference_{kind}")
        _require(count <= most, "metadata.content", f"has {count} reference_{kind}, at most {most} allowed")
    for role in ("first_frame", "last_frame"):
        _require(roles.count(role) <= (role in sku.frames), "metadata.content", f"has more {role} than allowed")
    is_one = roles == ["reference_video"] or not sku.is_upscale
    _require(is_one, "metadata.content", "must be one video_url and nothing else")
    _check_mixture(roles, sku)


def _check_mixture(roles: list[str], sku: Sku) -> None:
    frames = [role for role in roles if role.endswith("_frame")]
    most = sku.references.get("total", len(frames))
    _require(len(roles) <= most, "metadata.content", f"has {len(roles)} entries, at most {most} allowed")
    _require(not frames or len(frames) == len(roles), "metadata.content", "mixes frames with references")
    _require(frames != ["last_frame"], "metadata.content", "has a last_frame without a first_frame")
    _require(not roles or set(roles) != {"reference_audio"}, "metadata.content", "has audio alone")
    kind = _input(roles)
    _require(sku.input in (None, kind), "metadata.content", f"makes this {kind}, not {sku.input}")


def _input(roles: Iterable[str]) -> str:
    """HappyHorse's word for what a request starts from. Source: catalog.json, its note."""
    known = (("reference_video", "video-edit"), ("first_frame", "i2v"), ("reference_image", "r2v"))
    return next((kind for role, kind in known if role in roles), "t2v")


def _one_of(allowed: Iterable[str]) -> str:
    return f"one of {', '.join(allowed)}"


def no_such_model(name: str) -> Complaint:
    return Complaint(404, "model_not_found", f"the model {name[:80]} does not exist")


def _require(is_right: bool, param: str, rule: str) -> None:
    if not is_right:
        raise Complaint(400, "invalid_parameter", f"{param} {rule}")
