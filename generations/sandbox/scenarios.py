"""The words that rehearse trouble when they stand in a prompt as [word], like a payment provider's test cards.

What each does lies where it happens: submits.py, server.py (read), results.py, engine.py (rendering, callback),
menu.py (money), shapes.py; images.py and chat.py play those that make sense there.
Several may stand in one prompt; they are left out of the picture.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One word: `group` is the part of a task's life that it touches, `happens` says what is played."""

    word: str
    group: str
    title: str
    happens: str


_TABLE = (
    ("refuse", "submit", "Refused at once", "400: the prompt is not allowed. Nothing is made or billed."),
    ("401", "submit", "Key refused", "401, as for a wrong or revoked key. Nothing is made."),
    ("balance", "submit", "Balance too low", "403: the account has too little money. Nothing is made."),
    ("404", "submit", "Model unknown", "404: the relay does not know the model. Nothing is made."),
    ("429", "submit", "Slow down", "429 twice with Retry-After: 1, then accepted."),
    ("500", "submit", "Passing error", "500 in the relay's own words twice, then accepted."),
    ("503", "submit", "Relay out of order", "503 in the relay's own words, every time. Nothing is made."),
    (
        "502",
        "submit",
        "Bare proxy error",
        "502 with a proxy's HTML page. Nothing is made, but a client cannot know.",
    ),
    ("504", "submit", "Gateway time-out", "504 with a proxy's HTML page; the task was made."),
    ("lost-answer", "submit", "Answer lost", "The task is made and the connection closed without an answer."),
    ("html", "submit", "Answer is a web page", "200 with an HTML page; the task was made."),
    ("no-id", "submit", "Answer without an id", "200 with JSON that names no task; the task was made."),
    (
        "fail",
        "rendering",
        "Fails after running",
        "The task runs, then fails with an internal error. Not billed.",
    ),
    (
        "blocked",
        "rendering",
        "Blocked by policy",
        "The task runs, then its clip is found sensitive. Not billed.",
    ),
    ("slow", "rendering", "Slow", "The waiting takes ten times as long."),
    ("stuck", "rendering", "Never ends", "The task runs up to 40 % and stays there."),
    ("unknown-word", "rendering", "Unknown status", 'While it runs its status is "polishing".'),
    ("404-read", "read", "Not found at first", "The first three reads answer 404, then all is well."),
    (
        "500-read",
        "read",
        "Reads fail at first",
        "The first three reads answer 502 with a proxy's page, then all is well.",
    ),
    (
        "bad-read",
        "read",
        "Reads make no sense",
        "The first three reads answer half a JSON body, then all is well.",
    ),
    (
        "no-url",
        "result",
        "Done, no address yet",
        "The first two reads of the done task carry no address, the third does.",
    ),
    (
        "never-url",
        "result",
        "Done, never an address",
        "The task is done and billed, but its clip is never to be had.",
    ),
    (
        "expires",
        "result",
        "Address expires",
        "The first address answers 403; the task read again gives one that works.",
    ),
    ("gone", "result", "Clip gone", "Every address of the clip answers 404."),
    (
        "cut",
        "result",
        "Download cut",
        "The first two downloads stop half-way; a Range request goes on from there.",
    ),
    ("wrong-type", "result", "Not a clip", "The address gives an HTML page that calls itself video/mp4."),
    ("b64", "result", "Images as base64", "Images come in the answer itself instead of as addresses."),
    ("fewer", "result", "One image fewer", "One image fewer comes than was asked for, and only those are billed."),
    ("jpeg", "result", "Images as JPEG", "Images are JPEG instead of PNG."),
    ("callback-twice", "callback", "Callback twice", "The callback comes twice."),
    ("callback-late", "callback", "Callback late", "The callback comes ten seconds after the end."),
    (
        "callback-early",
        "callback",
        "Callback first",
        "A callback with the queued task comes before the submit is answered.",
    ),
    ("no-callback", "callback", "No callback", "No callback ever comes."),
    ("dearer", "money", "Settles higher", "The task settles a quarter above its price."),
    ("cheaper", "money", "Settles lower", "The task settles a quarter below its price."),
    ("no-cost", "money", "Cost not told", "Neither quota nor usage is told."),
    ("flat", "shape", "Documented shape", "Reads answer in the flat shape of the documentation."),
    ("openai", "shape", "OpenAI shape", "Reads answer in the shape of OpenAI's Videos API."),
    (
        "envelope",
        "shape",
        "Envelope",
        "Reads answer in the relay software's envelope, as they do without a word.",
    ),
    (
        "bare",
        "shape",
        "Barest shape",
        "Reads give id and status only, and the error of a failure; flat when done.",
    ),
)

SCENARIOS = {
    word: Scenario(word=word, group=group, title=title, happens=happens) for word, group, title, happens in _TABLE
}
_WORD = re.compile(r"\[([a-z0-9-]{2,20})\]", re.IGNORECASE)


def words_in(prompt: str) -> frozenset[str]:
    """The scenario words of a prompt, without brackets. Brackets round anything else mean nothing."""
    return frozenset(word.lower() for word in _WORD.findall(prompt)) & SCENARIOS.keys()


def without_words(prompt: str) -> str:
    """The prompt as it is drawn."""
    kept = _WORD.sub(lambda found: "" if found[1].lower() in SCENARIOS else found[0], prompt)
    return " ".join(kept.split())
