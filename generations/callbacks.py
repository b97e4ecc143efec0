"""The relay's callback: find the attempt by the token in the address, wake one observation. Its body is only a hint."""

from __future__ import annotations

import json

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from generations import queue
from generations.jobs.models import Attempt
from generations.jobs.sending import hash_token
from generations.relay.wire import Malformed, Task

LARGEST_BODY_BYTES = 64 * 1024


@login_not_required
@csrf_exempt
@require_POST
def callback(request: HttpRequest, token: str) -> HttpResponse:
    """200 for every attempt that is ours, however often it comes; 404 for all else."""
    attempt = Attempt.objects.select_related("job").filter(token_hash=hash_token(token)).first()
    if attempt is None:
        raise Http404
    body = request.read(LARGEST_BODY_BYTES + 1)
    if len(body) > LARGEST_BODY_BYTES:
        return HttpResponse(status=413)
    if not attempt.job.is_final:
        _take_hint(attempt, body)
        queue.wake("observe_job", attempt.pk)
    return HttpResponse(status=200)


def _take_hint(attempt: Attempt, body: bytes) -> None:
    """The task id that the body claims; only the relay's own answer under our key can confirm it."""
    if attempt.relay_task_id:
        return
    try:
        claimed = Task.from_json(json.loads(body)).task_id or ""
    except (Malformed, ValueError, RecursionError):
        return
    Attempt.objects.filter(pk=attempt.pk, relay_task_id=None).update(hinted_task_id=claimed[:200])


urlpatterns = [path("callbacks/<str:token>/", callback, name="callback")]
