"""The page of the relay's key: is it good, what may it use, do callbacks reach us. Workers ask, the page shows."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from generations.catalog import comparing, keycheck
from generations.health.models import Check
from generations.jobs import calls
from generations.web.requests import Request


@require_safe
def page(request: Request) -> HttpResponse:
    check = keycheck.of(settings.IS_SANDBOX)
    shown = {
        "now": timezone.now(),
        "check": check,
        "differences": keycheck.differences(check.served) if check.served else None,
        "prices": Check.objects.filter(pk=comparing.CHECK).first(),
        "public_url": settings.PUBLIC_URL,
        "heard": calls.last_heard(settings.IS_SANDBOX),
        "relay_url": settings.RELAY_URL,
    }
    return render(request, "operations/key.html", shown)


@require_POST
def check_now(request: Request) -> HttpResponseRedirect:
    """Pressed twice, the relay is asked once."""
    keycheck.ask(settings.IS_SANDBOX, timezone.now())
    messages.success(request, _("The relay is being asked. Look again in a moment."))
    return redirect("key")
