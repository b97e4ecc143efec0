"""What a text model is told before it writes: the one place of every instruction, ours or an admin's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from generations.accounts import audit
from generations.accounts.models import User
from generations.composer.ask import Given
from generations.writing.models import Instruction

EVERY = ""  # the key of what is said for every model
MOST_CHARACTERS = 6_000

DEFAULTS = {
    EVERY: (
        "You improve prompts for a model that makes video. Answer with the improved prompt alone: no greeting, no"
        " remark, no quotation marks, no list, no markdown.\n"
        "Keep what the person wants: subject, action, place, spoken words and the language that they wrote in. Add only"
        " what helps to see it: how the subject looks and moves, the light, the camera's place and move, the mood, what"
        " is heard. Describe what happens in the given length and no more. One paragraph, at most 150 words.\n"
        "Write no parameters such as --ratio or --dur, no resolution and no length in seconds."
    ),
    "seedance": (
        "Seedance follows plain, concrete sentences in the order of time: who does what, where, then the camera (one"
        " move a shot), then light and style, then sound. Name cuts as 'Shot 2:' only when more than one is wanted."
    ),
    "happyhorse": (
        "HappyHorse makes picture and sound together: say what is heard and put spoken words in quotation marks with"
        " who speaks them. One unbroken shot with one clear action works best."
    ),
    "grok": (
        "Grok Imagine likes one vivid scene: one subject, one motion, a strong style in a few words, and its sound."
    ),
    "minimax": (
        "MiniMax renders camera work well: name one camera move, its pace and where it ends, and the textures and light"
        " that it passes over."
    ),
    "image": (
        "The result is one still image: describe composition, subject, light, lens and style, and nothing that moves or"
        " is heard."
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """What the prompt is for. `model` is the catalogue's name; `seconds` None where the result has no length."""

    model: str
    label: str
    seconds: int | None = None
    ratio: str = ""
    has_sound: bool = False
    given: tuple[Given, ...] = ()

    @property
    def tags(self) -> list[str]:
        """What can be mentioned."""
        return [each.tag for each in self.given if not each.is_frame]


def default(model: str) -> str:
    """What comes with the studio for this model: that of its family, '' for one that nobody knows."""
    family = next((name for name in DEFAULTS if name and model.startswith(name)), "")
    return DEFAULTS[EVERY] if model == EVERY else DEFAULTS[family] if family else ""


def text_of(model: str) -> str:
    changed = Instruction.objects.filter(model=model).values_list("text", flat=True).first()
    return default(model) if changed is None else changed


def write(model: str, text: str, *, actor: User, now: dt.datetime) -> None:
    """From now on this is said for the model. The default's own words are no change: they follow later defaults."""
    if text.strip() == default(model):
        reset(model, now=now)
        return
    with transaction.atomic():
        before = text_of(model)
        Instruction.objects.update_or_create(
            model=model, defaults={"text": text.strip(), "changed_by": actor, "changed_at": now}
        )
        _record(model, before, text.strip(), now)


def reset(model: str, *, now: dt.datetime) -> None:
    """The default is told again, and follows what later versions bring."""
    with transaction.atomic():
        before = text_of(model)
        Instruction.objects.filter(model=model).delete()
        _record(model, before, default(model), now)


def _record(model: str, before: str, after: str, now: dt.datetime) -> None:
    about = model or "every model"
    audit.record("instructions.changed", about=about, before={"text": before}, after={"text": after}, now=now)


def told(purpose: Purpose) -> str:
    """Everything that the text model is told: the instructions, what the prompt is for, how to treat mentions."""
    is_still = purpose.seconds is None
    own = text_of(purpose.model) or (default("image") if is_still else "")
    facts = [f"The model: {purpose.label}."]
    facts += [] if is_still else [f"The length: {purpose.seconds} seconds.", _sound(purpose)]
    facts += [f"The aspect ratio: {purpose.ratio}."] if purpose.ratio else []
    return "\n\n".join(part for part in (text_of(EVERY), own, " ".join(facts), _references(purpose.given)) if part)


def _sound(purpose: Purpose) -> str:
    return "It has sound." if purpose.has_sound else "It has no sound: say nothing of what is heard."


def _references(given: Sequence[Given]) -> str:
    """The rule that the studio checks afterwards; it is no admin's to change."""
    shown = [f"@{each.tag} ({each.kind})" for each in given if not each.is_frame]
    frames = [f"the {each.tag} frame" for each in given if each.is_frame]
    lines = ["Keep every word that begins with @ exactly as it is written, letter for letter, and invent none."]
    lines += [f"References that exist: {', '.join(shown)}."] if shown else ["No references exist."]
    lines += [f"Given as images besides: {', '.join(frames)}."] if frames else []
    return " ".join(lines)
