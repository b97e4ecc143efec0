"""The gallery's grid: everything that one may see, found by filters and words, a page at a time."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django_htmx.http import push_url

from generations.gallery import shelving
from generations.gallery.models import Shelf
from generations.web import access
from generations.web.gallery_filters import read_filters
from generations.web.gallery_page import page_of
from generations.web.requests import Request


@require_safe
def gallery(request: Request) -> HttpResponse:
    """The grid, or with htmx and `after` only the next tiles."""
    filters = read_filters(request.user, request.GET)
    if filters.wanted.shelf == Shelf.SHOWN and not request.GET.get("after"):
        shelving.shelve_new()
    page = page_of(filters, request.GET, access.may_generate_in(request.user), timezone.now())
    shown = {"filters": filters, "page": page, "wanted": filters.wanted, "shelves": filters.shelves}
    is_more = request.htmx and request.GET.get("after")
    if is_more:
        return render(request, "gallery/_more.html", shown)
    answer = render(request, "gallery/gallery.html", shown)
    return push_url(answer, request.path + filters.query) if request.htmx else answer
