"""On a change of the model: what was typed is kept where the new model can do it, else its default stands there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from generations.catalog.capabilities import Capabilities
from generations.catalog.models import Audio, Kind
from generations.composer.limits import MAX_SEED, MOST_COPIES

KEPT = ("prompt", "tray")  # whatever the model: what it can't be shown is said at the tray
FORM_MARK = "seconds"  # is in every form sent: without it a missing `audio` says nothing


@dataclass(frozen=True, slots=True)
class Fitted:
    """The fields as the form shall show them (a box that is not ticked is left out), and which were changed."""

    data: dict[str, str]
    changed: tuple[str, ...]


def fit(data: Mapping[str, str], can: Capabilities) -> Fitted:
    """`data` as far as the model can do it. An empty `data` gives the model's defaults, with nothing changed."""
    if can.kind == Kind.IMAGE:
        return _fit_images(data, can)
    typed = {field: str(value).strip() for field, value in data.items() if field not in KEPT}
    fitted = {"prompt": str(data.get("prompt") or ""), "model": can.name}
    fitted |= {"tray": data["tray"]} if data.get("tray") else {}
    changed = []
    for field, (is_possible, default) in _rules(can).items():
        value = typed.get(field, "")
        keep = value != "" and is_possible(value)
        fitted[field] = value if keep else default
        if value and not keep:
            changed.append(field)
    copies = typed.get("copies", "")
    fitted |= {"copies": copies} if 1 < _number(copies) <= MOST_COPIES else {}
    is_on, is_changed = _audio(typed, can)
    fitted |= {"audio": "on"} if is_on else {}
    return Fitted(fitted, (*changed, *(["audio"] if is_changed else [])))


def _rules(can: Capabilities) -> dict[str, tuple[Callable[[str], bool], str]]:
    """For each field whether a value is possible, and what stands there else."""
    usable = can.priced_resolutions or can.resolutions
    lengths = range(can.min_seconds, can.max_seconds + 1)
    return {
        "resolution": (usable.__contains__, can.default_resolution),
        "ratio": (can.ratios.__contains__, can.default_ratio),
        "seconds": (lambda typed: _number(typed) in lengths, str(can.default_seconds)),
        "seed": (lambda typed: can.takes_seed and 0 <= _number(typed) <= MAX_SEED, ""),
    }


def _fit_images(data: Mapping[str, str], can: Capabilities) -> Fitted:
    """The fields of an order of images; what lies in the tray waits there."""
    usable = can.priced_resolutions or can.resolutions
    rules = {
        "resolution": (usable, can.default_resolution),
        "images": ([str(number) for number in range(1, can.most_images + 1)], "1"),
    }
    kept = {name: data[name] for name in KEPT if data.get(name)}
    typed = {field: str(data.get(field) or "").strip() for field in rules}
    changed = tuple(field for field, (possible, _) in rules.items() if typed[field] and typed[field] not in possible)
    fitted = {field: typed[field] if typed[field] in possible else usual for field, (possible, usual) in rules.items()}
    return Fitted({"prompt": "", **kept, "kind": str(can.kind), "model": can.name} | fitted, changed)


def _audio(typed: Mapping[str, str], can: Capabilities) -> tuple[bool, bool]:
    """Whether there is sound now, and whether that is not what was asked."""
    was_asked = "audio" in typed or FORM_MARK in typed
    wanted = typed.get("audio") == "on" if was_asked else can.default_audio
    is_on = wanted if can.has_audio_choice else can.audio == Audio.ALWAYS
    return is_on, is_on != wanted


def _number(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 10 else -1
