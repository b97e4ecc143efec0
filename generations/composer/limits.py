"""Reads a form into a VideoAsk, or says of every wrong field what is allowed there. Nothing is sent or held."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from generations.catalog.capabilities import Capabilities
from generations.catalog.models import Audio, Kind
from generations.composer import showing
from generations.composer.ask import Given, VideoAsk
from generations.composer.prompt import BadPrompt, read_prompt

MAX_SEED = 2**32 - 1  # Source: the Seedance API's reference, seed: -1 (any) to 2^32-1
MOST_COPIES = 4
AUDIO_WORDS = {"on": True, "off": False, "": False}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field, and what is allowed there, in the reader's language."""

    field: str
    message: str


class Refused(ValueError):
    """Every problem of a form at once, in the form's order."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems

    def of(self, field: str) -> str:
        """The message at this field, or ''."""
        return " ".join(problem.message for problem in self.problems if problem.field == field)


def read_ask(data: Mapping[str, str], can: Capabilities, given: tuple[Given, ...] = ()) -> VideoAsk:
    """The form's fields for the model `can`, with what it is shown. Raises Refused with all problems at once."""
    if can.kind == Kind.IMAGE:
        return _read_images(data, can)
    problems: list[Problem] = []

    def read[T](field: str, reader: Callable[[str, Capabilities], T], otherwise: T) -> T:
        return _or_problem(str(data.get(field) or ""), field, reader, can, problems, otherwise)

    ask = VideoAsk(
        prompt=read("prompt", _prompt, ""),
        model=read("model", _model, ""),
        resolution=read("resolution", _resolution, ""),
        ratio=read("ratio", _ratio, ""),
        seconds=read("seconds", _seconds, 0),
        audio=read("audio", _audio, False),
        seed=read("seed", _seed, None),
        given=given,
    )
    problems += _showing(ask.prompt, given, can)
    if problems:
        raise Refused(tuple(problems))
    return ask


def _showing(prompt: str, given: tuple[Given, ...], can: Capabilities) -> list[Problem]:
    wrong = [Problem("tray", said) for said in showing.problems(given, can)]
    stranger = showing.strangers(prompt, given)
    return [*([Problem("prompt", stranger)] if stranger else []), *wrong]


def _read_images(data: Mapping[str, str], can: Capabilities) -> VideoAsk:
    """The fields of an order of images: it is shown nothing and has no length."""
    problems: list[Problem] = []

    def read[T](field: str, reader: Callable[[str, Capabilities], T], otherwise: T) -> T:
        return _or_problem(str(data.get(field) or ""), field, reader, can, problems, otherwise)

    prompt, size = read("prompt", _prompt, ""), read("resolution", _resolution, "")
    ask = VideoAsk(
        kind=Kind.IMAGE,
        prompt=prompt,
        model=read("model", _model, ""),
        resolution=size,
        ratio=ratio_of(size),
        seconds=0,
        audio=False,
        images=read("images", _images, 0),
    )
    problems += _showing(prompt, (), can)
    if problems:
        raise Refused(tuple(problems))
    return ask


def ratio_of(size: str) -> str:
    """'1280x720' -> '16:9'; '' for what is no size."""
    width, _, height = size.partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        return ""
    ratio = Fraction(int(width), int(height))
    return f"{ratio.numerator}:{ratio.denominator}"


def read_copies(typed: str) -> int:
    """How many variations of one request are made at once. Raises Refused."""
    if re.fullmatch(r"[0-9]{1,3}", typed := typed.strip() or "1") and 1 <= int(typed) <= MOST_COPIES:
        return int(typed)
    said = _("Make 1 to %(most)d variations at once.") % {"most": MOST_COPIES}
    raise Refused((Problem("copies", said),))


def no_such_model(names: Sequence[str]) -> Refused:
    """The refusal of a form whose model the catalogue does not list; `names` are those that it does."""
    return Refused((Problem("model", _("Choose one of the models: %(models)s.") % {"models": one_of(names)}),))


def one_of(names: Sequence[str]) -> str:
    """'480p, 720p or 1080p'"""
    return str(get_text_list(list(names), _("or")))


class _Wrong(ValueError):
    """The message for the field at hand."""


def _or_problem[T](
    typed: str,
    field: str,
    reader: Callable[[str, Capabilities], T],
    can: Capabilities,
    problems: list[Problem],
    otherwise: T,
) -> T:
    try:
        return reader(typed, can)
    except _Wrong as wrong:
        problems.append(Problem(field, str(wrong)))
        return otherwise


def _prompt(typed: str, can: Capabilities) -> str:
    try:
        return read_prompt(typed)
    except BadPrompt as bad:
        raise _Wrong(str(bad)) from None


def _model(typed: str, can: Capabilities) -> str:
    if typed != can.name:
        raise _Wrong(_("Choose a model of the catalogue."))
    if not can.has_price:
        raise _Wrong(_("%(model)s has no price yet, so it cannot be used.") % {"model": can.label})
    return typed


def _resolution(typed: str, can: Capabilities) -> str:
    usable = can.priced_resolutions or can.resolutions
    if typed in usable:
        return typed
    told = {"model": can.label, "allowed": one_of(usable), "typed": typed}
    if typed in can.unpriced:
        raise _Wrong(_("%(model)s has no price at %(typed)s yet; choose %(allowed)s.") % told)
    raise _Wrong(_("%(model)s renders at %(allowed)s.") % told)


def _ratio(typed: str, can: Capabilities) -> str:
    if typed not in can.ratios:
        told = {"model": can.label, "allowed": one_of(can.ratios)}
        raise _Wrong(_("%(model)s renders in %(allowed)s.") % told)
    return typed


def _seconds(typed: str, can: Capabilities) -> int:
    told = {"model": can.label, "low": can.min_seconds, "high": can.max_seconds}
    if not re.fullmatch(r"[0-9]{1,6}", typed := typed.strip()):
        raise _Wrong(_("%(model)s renders %(low)s to %(high)s seconds; give a whole number.") % told)
    if not can.min_seconds <= int(typed) <= can.max_seconds:
        raise _Wrong(_("%(model)s renders %(low)s to %(high)s seconds.") % told)
    return int(typed)


def _images(typed: str, can: Capabilities) -> int:
    if re.fullmatch(r"[0-9]{1,3}", typed := typed.strip()) and 1 <= int(typed) <= can.most_images:
        return int(typed)
    raise _Wrong(_("%(model)s makes 1 to %(most)d images at once.") % {"model": can.label, "most": can.most_images})


def _audio(typed: str, can: Capabilities) -> bool:
    if typed not in AUDIO_WORDS:
        raise _Wrong(_("Sound is on or off."))
    if can.audio == Audio.ALWAYS and typed == "off":
        raise _Wrong(_("%(model)s always renders with sound.") % {"model": can.label})
    if can.audio == Audio.NONE and typed == "on":
        raise _Wrong(_("%(model)s renders without sound.") % {"model": can.label})
    return can.audio == Audio.ALWAYS or AUDIO_WORDS[typed]


def _seed(typed: str, can: Capabilities) -> int | None:
    typed = typed.strip()
    if not typed:
        return None
    if not can.takes_seed:
        raise _Wrong(_("%(model)s takes no seed; leave it empty.") % {"model": can.label})
    if not re.fullmatch(r"[0-9]{1,10}", typed) or int(typed) > MAX_SEED:
        told = {"high": MAX_SEED}
        raise _Wrong(_("A seed is a whole number from 0 to %(high)s, or nothing for any.") % told)
    return int(typed)
