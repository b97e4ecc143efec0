"""What people outside see behind a link, without an account. Whoever is signed in is a guest here as well.

No form here carries a CSRF token: the token in the address is all that a visitor has; without it there is nothing to
post to. A page without referrers sends `Origin: null` too, which Django's check would refuse (decision 0026).
Every dead link gets the same bytes.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from generations.gallery import sharing, talking
from generations.gallery.models import Item
from generations.gallery.shares import ShareLink
from generations.gallery.talking import Guest, NotSaid
from generations.media import plain
from generations.media.errors import MediaFault
from generations.media.models import MediaFile
from generations.media.serving import serve
from generations.web.comments import span_of

COOKIE = "share"
HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Cache-Control": "private, no-store",
}

type View[**P] = Callable[Concatenate[HttpRequest, ShareLink, str, P], HttpResponseBase]


def _behind_a_link[**P](view: View[P]) -> Callable[..., HttpResponseBase]:
    """Gives the view the live link of the token; a dead one, whatever it died of, the one page that says nothing."""

    @login_not_required
    @csrf_exempt
    @wraps(view)
    def opened(request: HttpRequest, token: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        share = sharing.find(token, timezone.now())
        response = view(request, share, token, *args, **kwargs) if share else _dead()
        for name, value in HEADERS.items():
            response[name] = value
        return response

    return opened


def _dead() -> HttpResponse:
    return HttpResponse(render_to_string("shares/dead.html"), status=404)


def _is_open(request: HttpRequest, share: ShareLink) -> bool:
    return sharing.is_unlocked(share, request.COOKIES.get(COOKIE, ""))


@require_safe
@_behind_a_link
def share(request: HttpRequest, share: ShareLink, token: str) -> HttpResponse:
    """The page itself, or the question for its password."""
    if not _is_open(request, share):
        return render(request, "shares/locked.html", {"token": token})
    if request.method == "GET":
        sharing.count_view(share, timezone.now())
    return _page(request, share, token)


def _page(request: HttpRequest, share: ShareLink, token: str, status: int = 200, **more: Any) -> HttpResponse:
    items = list(sharing.items_of(share).for_tile())  # type: ignore[attr-defined]
    shown = {
        "share": share,
        "token": token,
        "title": share.collection.name if share.collection else _title(items[0], 1),
        "entries": [
            {"item": item, "title": _title(item, number), "said": list(sharing.said_by(share, item))}
            for number, item in enumerate(items, 1)
        ],
        "now": timezone.now(),
    }
    return render(request, "shares/share.html", shown | more, status=status)


def _title(item: Item, number: int) -> str:
    """Never the prompt's words: they are hidden unless they were chosen."""
    return item.title or (_("Clip %(number)d") if item.is_video else _("Image %(number)d")) % {"number": number}


@require_POST
@_behind_a_link
def unlock(request: HttpRequest, share: ShareLink, token: str) -> HttpResponse:
    """The password, at most ten times in ten minutes; the browser keeps for twelve hours that it was right."""
    if not share.password:
        return redirect("share", token)
    shown = {"token": token, "problem": _("That is not the password.")}
    if not sharing.may_try(share, timezone.now()):
        shown["problem"] = _("Too many tries. Wait ten minutes.")
        return render(request, "shares/locked.html", shown, status=429)
    if not sharing.fits(share, request.POST.get("password", "")[:128]):
        return render(request, "shares/locked.html", shown, status=422)
    return _with_key(redirect("share", token), share, token)


def _with_key(response: HttpResponseRedirect, share: ShareLink, token: str) -> HttpResponse:
    response.set_cookie(
        COOKIE,
        sharing.key_for(share),
        max_age=sharing.UNLOCKED_FOR,
        path=f"/s/{token}/",
        secure=settings.IS_HTTPS,
        httponly=True,
        samesite="Lax",
    )
    return response


@require_safe
@_behind_a_link
def clip(request: HttpRequest, share: ShareLink, token: str, output_id: uuid.UUID) -> HttpResponseBase:
    """A copy of the item without metadata, in ranges; the silent preview where none can be made."""
    media = _media(request, share, output_id)
    if media is None:
        return _dead()
    try:
        name, kind = plain.copy_of(media), media.content_type
    except (MediaFault, OSError):
        name, kind = media.preview_name, "video/mp4"
    return _served(request, name, kind, f"{media.sha256}-{name[-12:]}") if name else _dead()


@require_safe
@_behind_a_link
def poster(request: HttpRequest, share: ShareLink, token: str, output_id: uuid.UUID) -> HttpResponseBase:
    media = _media(request, share, output_id)
    if media is None or not media.poster_name:
        return _dead()
    return _served(request, media.poster_name, "image/webp", f"{media.sha256}-poster")


def _served(request: HttpRequest, name: str, content_type: str, etag: str) -> HttpResponseBase:
    return serve(request, name, content_type=content_type, etag=etag)


def _item(request: HttpRequest, share: ShareLink, output_id: uuid.UUID) -> Item | None:
    """The item of this link, for whoever has said its password."""
    if not _is_open(request, share):
        return None
    return sharing.items_of(share).filter(output=output_id).select_related("output__media", "project").first()


def _media(request: HttpRequest, share: ShareLink, output_id: uuid.UUID) -> MediaFile | None:
    item = _item(request, share, output_id)
    return item.output.media if item else None


@require_POST
@_behind_a_link
def comment(request: HttpRequest, share: ShareLink, token: str, output_id: uuid.UUID) -> HttpResponseBase:
    """A guest's word, where the link takes them. The same form twice is one."""
    item, now = _item(request, share, output_id), timezone.now()
    if item is None or not share.takes_comments:
        return _dead()
    if not sharing.takes_more_comments(share, now):
        return _page(request, share, token, 429, problem=_("That is enough for today. Try again tomorrow."))
    name = " ".join(request.POST.get("name", "").split())[:60]
    try:
        if not name:
            raise NotSaid
        span = span_of(request.POST.get("at", ""), request.POST.get("until", ""))
        key = request.POST.get("key", "")[:64] or uuid.uuid4().hex
        talking.say(item, Guest(name, share), request.POST.get("text", ""), key=key, now=now, span=span)
    except NotSaid:
        why = _("Write your name and between 1 and 4,000 letters; a time must lie in the clip: 0:01.5.")
        typed = {field: request.POST.get(field, "") for field in ("name", "text", "at")}
        return _page(request, share, token, 422, problem=why, typed=typed, typed_for=item)
    return redirect(f"/s/{token}/#item-{output_id}")
