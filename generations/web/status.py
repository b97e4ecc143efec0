"""The front door, how the studio is, and what browsers report: the only pages for those who are not signed in."""

from __future__ import annotations

import logging

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from generations.health import status
from generations.web.requests import Request

log = logging.getLogger(__name__)
REPORT_CHARACTERS = 1000


@require_safe
def home(request: Request) -> HttpResponseRedirect:
    return redirect("projects")


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when all is well, 503 naming what is not; `?of=processes` leaves out what restarting mends not."""
    only_processes = request.GET.get("of") == "processes"
    verdict = status.verdict(timezone.now(), only_processes=only_processes)
    response = JsonResponse(verdict, status=200 if verdict["ok"] else 503)
    response["Cache-Control"] = "no-store"
    return response


@login_not_required
@csrf_exempt
@require_POST
def csp_report(request: HttpRequest) -> HttpResponse:
    """One line of log a report, capped and without line breaks."""
    said = request.read(REPORT_CHARACTERS).decode("utf-8", "replace")
    log.warning("CSP report: %r", said)
    return HttpResponse(status=204)
