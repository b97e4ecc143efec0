"""The words of a prompt: what is refused in them. A parameter smuggled in the text would change what is billed."""

from __future__ import annotations

import re
import unicodedata

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

# Our choice: the models advise about 500 to 1,000 words at most, and no documented limit is shorter than this.
MAX_CHARACTERS = 4_000

# What Seedance and its relays read in a text. Source: the Seedance API's reference (text commands) and its clients.
SHORT_NAMES = frozenset({"cf", "dur", "fps", "rs", "rt", "wm"})
WORD_NAMES = frozenset({
    "ar", "aspect", "aspectratio", "audio", "camerafixed", "duration", "frames", "framespersecond", "generateaudio",
    "length", "model", "ratio", "res", "resolution", "returnlastframe", "seconds", "seed", "size", "watermark",
})  # fmt: skip

ALLOWED_CONTROLS = frozenset("\n\t")
LONG_DASHES = frozenset("\u2012\u2013\u2014\u2015\u2e3a\u2e3b")  # are what a word processor makes of "--"
MINUS_SIGNS = frozenset("\u02d7\u2043\u207b\u208b\u2212\u2796")  # look like "-" and are not of its category

NAME = r"(?P<name>[A-Za-z]+(?:[_-][A-Za-z]+)*)(?![^\W\d_])"
AFTER_NOTHING = re.compile(rf"(?<![\w-])-{{2,}}{NAME}")  # " --word": no prose begins a dash so
ANYWHERE = re.compile(rf"(?:-[-\u2014]+|\u2014[-\u2014]*){NAME}(?=(?P<rest>.{{0,12}}))", re.DOTALL)
VALUE = re.compile(r"\s*[=:]|\s*-?\d|\s+(?:true|false|adaptive|keep\w*|on|off|auto)\b|\s*\Z", re.IGNORECASE)


class BadPrompt(ValueError):
    """The message says what is allowed, in the reader's language."""


def read_prompt(typed: str) -> str:
    """The prompt as it is sent: outer space removed, line ends as \\n. Raises BadPrompt."""
    prompt = typed.replace("\r\n", "\n").replace("\r", "\n").strip()
    if is_blank(prompt):
        raise BadPrompt(_("Describe the clip in words."))
    if len(prompt) > MAX_CHARACTERS:
        told = {"length": f"{len(prompt):,}", "high": f"{MAX_CHARACTERS:,}"}
        raise BadPrompt(_("The prompt has %(length)s characters; at most %(high)s are allowed.") % told)
    if has_controls(prompt):
        raise BadPrompt(_("The prompt holds control characters; only text, tabs and line breaks are allowed."))
    if found := smuggled(prompt):
        told = {"found": get_text_list(found, _("and"))}
        raise BadPrompt(
            _("%(found)s in the prompt would set a parameter: use the fields below, or put a space after the dash.")
            % told
        )
    return prompt


def is_blank(prompt: str) -> bool:
    """Whether nothing in it can be seen: spaces, invisible marks, controls."""
    return all(unicodedata.category(letter) in ("Zs", "Zl", "Zp", "Cc", "Cf", "Cs") for letter in prompt)


def has_controls(prompt: str) -> bool:
    """NUL, escapes, lone halves of a letter: nothing that a person types."""
    return any(unicodedata.category(letter) in ("Cc", "Cs") for letter in prompt if letter not in ALLOWED_CONTROLS)


def smuggled(prompt: str) -> list[str]:
    """The parameters that the text would set, as '--name', each once."""
    text = plain_dashes(prompt)
    begun = [match["name"] for match in AFTER_NOTHING.finditer(text)]
    known = [match["name"] for match in ANYWHERE.finditer(text) if _is_parameter(match["name"], match["rest"])]
    return list(dict.fromkeys(f"--{name}" for name in begun + known))


def plain_dashes(prompt: str) -> str:
    """Letters in their plain forms, invisible marks gone, every dash '-' or '—': as a lenient reader sees it."""
    return "".join(_plain_dash(letter) for letter in unicodedata.normalize("NFKC", prompt))


def _plain_dash(letter: str) -> str:
    category = unicodedata.category(letter)
    if letter in LONG_DASHES:
        return "\u2014"
    if category == "Pd" or letter in MINUS_SIGNS:
        return "-"
    return "" if category == "Cf" else letter


def _is_parameter(name: str, rest: str) -> bool:
    """A word that can only be a parameter's name, or an English word with a value after it."""
    key = re.sub(r"[_-]", "", name).lower()
    return key in SHORT_NAMES or (key in WORD_NAMES and VALUE.match(rest) is not None)
