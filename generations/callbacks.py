"""The relay's callback: find the attempt by the token in the address, wake one observation. Its body is only a hint."""

from __future__ import annotations

import json

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from generations.jobs import calls
from generations.jobs.models import Attempt
from generations.jobs.sending import hash_token
from generations.relay.wire import Malformed, Task

LARGEST_BODY_BYTES = 64 * 1024


@login_not_required
@csrf_exempt
@require_POST
def callback(request: HttpRequest, token: str) -> HttpResponse:
    """200 for every attempt that is ours, however often it comes; 404 for all else, before its body is read."""
    attempt = Attempt.objects.select_related("job", "hold").filter(token_hash=hash_token(token)).first()
    if attempt is None:
        return HttpResponse(status=404)  # bare: a flood of forged ones must not cost the drawing of pages
    if _announced_bytes(request) > LARGEST_BODY_BYTES:
        return HttpResponse(status=413)
    body = request.read(LARGEST_BODY_BYTES + 1)
    if len(body) > LARGEST_BODY_BYTES:
        return HttpResponse(status=413)
    calls.take(attempt, _claimed_task(body), body, timezone.now())
    return HttpResponse(status=200)


def _announced_bytes(request: HttpRequest) -> int:
    said = request.META.get("CONTENT_LENGTH") or ""
    return int(said) if said.isdecimal() else 0


def _claimed_task(body: bytes) -> str:
    """The task id that the body claims; only the relay's own answer under our key can confirm it."""
    try:
        return Task.from_json(json.loads(body)).task_id or ""
    except (Malformed, ValueError, RecursionError):
        return ""


urlpatterns = [path("callbacks/<str:token>/", callback, name="callback")]
