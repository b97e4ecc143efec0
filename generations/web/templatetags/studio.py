"""Template words of the studio: money, lengths of time, moments."""

from __future__ import annotations

import datetime as dt
import functools
import json
import uuid

from django import template
from django.contrib.humanize.templatetags.humanize import ordinal
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from lucide.templatetags import lucide as drawing

from generations.gallery.times import show_ms
from generations.jobs.estimate import Usual
from generations.jobs.line import Place
from generations.ledger.money import show
from generations.web import stylesheets

register = template.Library()


@register.simple_tag
def lucide(name: str, *, size: int = 24, **more: str) -> str:
    """An icon, drawn once a process: a page of the gallery has hundreds."""
    return _drawn(name, size, tuple(more.items()))


@functools.lru_cache(maxsize=1024)
def _drawn(name: str, size: int, more: tuple[tuple[str, str], ...]) -> str:
    return str(drawing.lucide(name, size=size, **dict(more)))


@register.filter
def money(micros: int | None, currency: str = "USD") -> str:
    """`{{ job.cost_micros|money:job.currency }}` -> $1.23, SBX 1.23; an em dash for None."""
    return "—" if micros is None else show(micros, currency)


@register.filter
def usual_words(usual: Usual | None) -> str:
    """'40–60 s', '1–2 min', '3 min'; '' for None."""
    if usual is None:
        return ""
    is_short = usual.high_seconds < 90
    low, high = (_tens(seconds) if is_short else max(1, round(seconds / 60)) for seconds in _ends(usual))
    told = {"range": str(high) if low == high else f"{low}–{high}"}
    return _("%(range)s s") % told if is_short else _("%(range)s min") % told


@register.filter
def place_words(place: Place) -> str:
    """'Next in line', '3rd in line · its turn in about 2–4 min'"""
    stands = _("Next in line") if place.number == 1 else _("%(nth)s in line") % {"nth": ordinal(place.number)}
    if place.wait is None or place.number == 1:
        return stands
    return _("%(stands)s · its turn in about %(range)s") % {"stands": stands, "range": usual_words(place.wait)}


def _ends(usual: Usual) -> tuple[float, float]:
    return usual.low_seconds, usual.high_seconds


def _tens(seconds: float) -> int:
    """Whole seconds below ten, fives above."""
    return max(1, round(seconds)) if seconds < 10 else round(seconds / 5) * 5


@register.filter
def clock(moment: dt.datetime, now: dt.datetime) -> str:
    """The time between the two as 0:42 or 1:02:05."""
    seconds = max(0, int((now - moment).total_seconds()))
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


@register.simple_tag
def shared_styles() -> list[str]:
    """The addresses of the stylesheets that every page needs."""
    return stylesheets.shared()


@register.simple_tag
def fresh_key() -> str:
    """A new key for a form whose second press must be the first one again."""
    return uuid.uuid4().hex


@register.filter
def size(size_bytes: int) -> str:
    """20 GB, 4.2 MB, 310 KB"""
    megabytes = size_bytes / 1_000_000
    if megabytes >= 1000:
        return f"{megabytes / 1000:,.3g} GB"
    return f"{megabytes:,.1f} MB" if megabytes >= 1 else f"{size_bytes / 1000:,.0f} KB"


@register.filter
def duration(milliseconds: int) -> str:
    """5.04 s"""
    return f"{milliseconds / 1000:.2f} s"


@register.filter
def clip_time(milliseconds: int) -> str:
    """0:03.2"""
    return show_ms(milliseconds)


@register.filter
def stars(hundredths: int) -> str:
    """450 -> 4.5, 400 -> 4"""
    return f"{hundredths / 100:.1f}".removesuffix(".0")


@register.filter
def clip_seconds(milliseconds: int) -> str:
    """3.2, as media fragments and scripts count."""
    return f"{milliseconds / 1000:g}"


@register.filter
def ago(moment: dt.datetime, now: dt.datetime) -> str:
    """'just now', '3 minutes ago', '2 days ago'"""
    if (now - moment).total_seconds() < 60:
        return _("just now")
    return _("%(length)s ago") % {"length": timesince(moment, now, depth=1)}


@register.filter
def pretty(value: object) -> str:
    """JSON as a person reads it."""
    return json.dumps(value, indent=2, ensure_ascii=False)
