"""Two to four items side by side, in step; their parameters and prompts against one another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from generations.composer import difference
from generations.composer.difference import Part
from generations.gallery.models import Item
from generations.ledger import sight
from generations.ledger.money import show
from generations.web import reviews
from generations.web.requests import Request
from generations.web.templatetags.studio import stars

FEWEST, MOST = 2, 4
LETTERS = "ABCD"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the compared: its letter, its item, and its prompt against the first's."""

    letter: str
    item: Item
    prompt: list[Part]

    @property
    def ratio_class(self) -> str:
        return f"ratio-{self.item.ratio.replace(':', 'x')}"


@dataclass(frozen=True, slots=True)
class Row:
    """A parameter and its value on each side."""

    name: str
    values: list[str]

    @property
    def differs(self) -> bool:
        return len(set(self.values)) > 1


@require_safe
def compare(request: Request) -> HttpResponse:
    """`items` with commas between, or `item` several times. Raises Http404 when one of them is not to be seen."""
    told = [*request.GET.get("items", "").split(","), *request.GET.getlist("item")]
    told = list(dict.fromkeys(word for word in told if word))
    items = reviews.chosen(request, told[: MOST + 1])
    if len(items) < len(told[: MOST + 1]):
        raise Http404
    few_or_many = not FEWEST <= len(items) <= MOST
    shown = {
        "sides": [] if few_or_many else sides(items),
        "rows": [] if few_or_many else rows(request, items),
        "can_wipe": len(items) == FEWEST and all(item.is_video for item in items),
        "has_clips": any(item.is_video for item in items),
        "now": timezone.now(),
    }
    return render(request, "compare/compare.html", shown, status=422 if few_or_many and told else 200)


def sides(items: list[Item]) -> list[Side]:
    first = items[0].job.prompt
    return [
        Side(letter, item, difference.between(first, item.job.prompt))
        for letter, item in zip(LETTERS, items, strict=False)
    ]


def rows(request: Request, items: list[Item]) -> list[Row]:
    """Every parameter, the different ones first."""
    every = [Row(name, [value(item) for item in items]) for name, value in _parameters(request).items()]
    return sorted(every, key=lambda row: not row.differs)


def _parameters(request: Request) -> dict[str, Callable[[Item], str]]:
    """What is told of an item; its cost only where this person sees the money."""
    mine = sight.of(request.user)

    def cost(item: Item) -> str:
        is_seen = Item.objects.filter(mine, pk=item.pk).exists()
        return show(item.cost_micros, item.currency) if is_seen else "–"

    return {
        _("Model"): lambda item: item.model.label,
        _("Resolution"): lambda item: item.resolution,
        _("Ratio"): lambda item: item.ratio,
        _("Seconds"): lambda item: str(item.seconds) if item.is_video else "–",
        _("Sound"): lambda item: _("with sound") if item.has_sound else _("silent"),
        _("Seed"): lambda item: "–" if item.job.seed is None else str(item.job.seed),
        _("Cost"): cost,
        _("Made by"): lambda item: str(item.user),
        _("Made"): lambda item: date_format(item.created_at, "j M Y, H:i"),
        _("Project"): lambda item: item.project.name,
        _("Review"): lambda item: str(item.get_review_display()),
        _("Stars"): lambda item: stars(item.rating_hundredths) if item.rating_hundredths else "–",
    }
