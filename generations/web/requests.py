"""The typed request of our pages, and the small middleware that every page passes through."""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware as DjangoLoginRequiredMiddleware
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, HttpResponseRedirectBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import resolve_url
from django.template.loader import render_to_string
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from generations.accounts import audit, sessions
from generations.accounts.models import User

log = logging.getLogger(__name__)

COMPRESSED = {"text/html", "text/csv", "application/json"}


class Request(HttpRequest):
    """A request of a signed-in person; only for annotations."""

    user: User
    htmx: HtmxDetails


class LoginRequiredMiddleware(DjangoLoginRequiredMiddleware):
    """As Django's, but a fragment's request makes the whole page go to the sign-in."""

    def handle_no_permission(  # type: ignore[override]
        self, request: HttpRequest, view_func: Callable[..., Any]
    ) -> HttpResponseRedirectBase:
        htmx: HtmxDetails | None = getattr(request, "htmx", None)
        if htmx:
            sign_in, back = resolve_url(self.get_login_url(view_func)), htmx.current_url_abs_path
            return HttpResponseClientRedirect(f"{sign_in}?{urlencode({'next': back or '/'})}")
        return super().handle_no_permission(request, view_func)


class OriginMiddleware:
    """Tells the audit log who asks, and from where."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with audit.coming_from(audit.Origin(request.user, client_ip(request))):
            return self.get_response(request)


def client_ip(request: HttpRequest) -> str:
    """The address of who asks: told by the outermost of TRUSTED_PROXIES, else the one that is connected."""
    told = request.headers.get("X-Forwarded-For", "").split(",")
    trusted = 0 < settings.TRUSTED_PROXIES <= len(told)
    try:
        return str(ipaddress.ip_address(told[-settings.TRUSTED_PROXIES].strip() if trusted else ""))
    except ValueError:
        return str(request.META.get("REMOTE_ADDR") or "")


class IdleMiddleware:
    """Ends a session whose person has done nothing for twelve hours; keeps where they are signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and not _is_here(request):
            logout(request)
        return self.get_response(request)


def _is_here(request: HttpRequest) -> bool:
    htmx: HtmxDetails | None = getattr(request, "htmx", None)
    return sessions.keep(
        request.session,
        ip=client_ip(request),
        agent=request.headers.get("User-Agent", ""),
        now=timezone.now(),
        is_poll=bool(htmx) and request.method == "GET",
    )


class PrivatePagesMiddleware:
    """Pages of signed-in people are kept in no cache, unless the view says otherwise; a bare 405 gets a page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-store"
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and not response.content:
            response.content = render_to_string("405.html", request=request)
        return response


class PageCompressionMiddleware(GZipMiddleware):
    """Pages and tables travel compressed, with Django's guard against BREACH; clips and their ranges as they are."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        kind = response.get("Content-Type", "").partition(";")[0]
        return super().process_response(request, response) if kind in COMPRESSED else response


class BusyMiddleware:
    """A database that is locked for too long, or away, is said so in words: 503, to be tried again."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        if not isinstance(problem, OperationalError):
            return None
        log.error("%s %s could not use the database: %s", request.method, request.path, problem)
        return HttpResponse(render_to_string("503.html"), status=503, headers={"Retry-After": "5"})


def studio(request: HttpRequest) -> dict[str, Any]:
    """What base.html needs on every page."""
    user = getattr(request, "user", None)
    return {
        "theme": getattr(user, "theme", ""),
        "is_sandbox": settings.IS_SANDBOX,
        "sign_on_name": settings.OIDC_NAME,
    }
