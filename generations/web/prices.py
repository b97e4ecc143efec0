"""The pages of price lists: all of them and the relay's beside them, one of them, and a month by another list."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from generations import queue
from generations.catalog import comparing, pricing
from generations.catalog.models import Kind, PriceList, Sku
from generations.health.models import Check
from generations.jobs import replaying
from generations.ledger.budgets import month_start
from generations.ledger.exports import amount, csv_lines
from generations.ledger.money import show
from generations.ledger.reports import DAY
from generations.web.composer_form import studio_currency
from generations.web.requests import Request
from generations.web.spend_filters import Choice
from generations.web.spend_tables import Cell, Table
from generations.web.waste_filters import read_month

MONTHS_OFFERED = 12
LISTS_SHOWN = 50


@require_safe
def prices(request: Request) -> HttpResponse:
    lists = list(PriceList.objects.annotate(count=Count("prices")).order_by("-number")[: LISTS_SHOWN + 1])
    changed = [len(comparing.changes(old, new)) for new, old in pairwise(lists)]
    page = {
        "now": timezone.now(),
        "lists": list(zip(lists, [*changed, None], strict=False))[:LISTS_SHOWN],
        "check": Check.objects.filter(pk=comparing.CHECK).first(),
        "unpriced": _unpriced(),
    }
    return render(request, "prices/list.html", page)


def _unpriced() -> list[Sku]:
    """What the catalogue lists and nobody can use, for want of a price."""
    in_force = pricing.in_force()
    listed = Sku.objects.filter(is_listed=True, model__is_listed=True).select_related("model")
    return [
        sku
        for sku in listed.order_by("model__position", "position")
        if not pricing.is_usable(in_force.get(sku.relay_model), Kind(sku.model.kind))
    ]


@require_safe
def price_list(request: Request, number: int) -> HttpResponse:
    """One list, and what changed from the one before it or from `?against=<number>`."""
    shown = get_object_or_404(PriceList, number=number)
    older = _against(request, shown)
    page = {
        "list": shown,
        "against": older,
        "others": PriceList.objects.exclude(pk=shown.pk)[:LISTS_SHOWN],
        "changes": comparing.changes(older, shown) if older else [],
        "prices": shown.prices.order_by("relay_model"),
        "units": pricing.UNITS_IN_WORDS,
    }
    return render(request, "prices/price_list.html", page)


def _against(request: Request, shown: PriceList) -> PriceList | None:
    asked = request.GET.get("against", "")
    if asked:
        number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 9 else -1
        return get_object_or_404(PriceList, number=number)
    return PriceList.objects.filter(number__lt=shown.number).first()


@require_safe
def replay(request: Request, number: int) -> HttpResponse | StreamingHttpResponse:
    """A month's paid clips by this list; `?as=csv` the same table as a file."""
    shown, this_month = get_object_or_404(PriceList, number=number), month_start(timezone.now())
    month = read_month(request.GET.get("month", ""), this_month)
    table = _table(month, shown)
    if request.GET.get("as") == "csv":
        return _csv(table, month, shown)
    page: dict[str, Any] = {
        "list": shown,
        "lists": PriceList.objects.all()[:LISTS_SHOWN],
        "month": month,
        "months": _months(this_month),
        "table": table,
        "csv": f"{reverse('price_replay', args=[number])}?month={month:%Y-%m}&as=csv",
    }
    return render(request, "prices/replay.html", page)


@require_safe
def replay_chosen(request: Request) -> HttpResponseRedirect:
    """The list that was chosen in the form: to its page."""
    asked = request.GET.get("list", "")
    if not (asked.isascii() and asked.isdigit() and len(asked) < 9):
        raise Http404
    month = read_month(request.GET.get("month", ""), month_start(timezone.now()))
    return redirect(f"{reverse('price_replay', args=[int(asked)])}?month={month:%Y-%m}")


def _months(this_month: dt.date) -> list[Choice]:
    found = [this_month]
    while len(found) < MONTHS_OFFERED:
        found.append((found[-1] - DAY).replace(day=1))
    return [Choice(f"{month:%Y-%m}", date_format(month, "F Y")) for month in found]


def _table(month: dt.date, shown: PriceList) -> Table:
    lines = replaying.replay(month, studio_currency(), shown)
    head = [_("Model"), _("Clips"), _("No price there"), _("Estimated then"), _("Cost"), _("By this list"), _("More")]
    caption = _("%(month)s by list %(number)s") % {"month": date_format(month, "F Y"), "number": shown.number}
    foot = _cells(replaying.added(lines, _("Sum"))) if lines else []
    return Table("replay", caption, head, [_cells(line) for line in lines], foot)


def _cells(line: replaying.Line) -> list[Cell]:
    sums = (line.estimate_micros, line.cost_micros, line.replayed_micros, line.difference_micros)
    return [
        Cell(line.model, line.model, is_figure=False),
        Cell(f"{line.jobs:,}", str(line.jobs)),
        Cell(f"{line.unpriced:,}" if line.unpriced else "–", str(line.unpriced)),
        *(Cell(show(micros, studio_currency()), amount(micros), micros=micros) for micros in sums),
    ]


def _csv(table: Table, month: dt.date, shown: PriceList) -> StreamingHttpResponse:
    lines = csv_lines(table.raw_head(studio_currency()), table.raw())
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="replay-{month:%Y-%m}-list-{shown.number}.csv"'
    return response


@require_POST
def compare(request: Request) -> HttpResponseRedirect:
    queue.wake("compare_prices")
    messages.success(request, _("The relay is being asked for its prices; this page tells what differs."))
    return redirect("prices")


@require_POST
def take(request: Request) -> HttpResponseRedirect:
    """A new list is made when the relay's prices differ; pressed twice it is still one."""
    queue.wake("take_prices", request.user.pk)
    messages.success(request, _("The relay's prices are being taken over. Jobs keep the price they were asked at."))
    return redirect("prices")
