"""Files lent to the relay: whoever has the signed address reads it, for a day; all else is 404."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from generations.jobs import lending
from generations.media.serving import serve


@login_not_required
@require_safe
def lent(request: HttpRequest, token: str, file_name: str) -> HttpResponseBase:
    loan = lending.opened(token, file_name, timezone.now())
    if loan is None:
        raise Http404
    media = loan.media
    response = serve(request, media.storage_name, content_type=media.content_type, etag=media.sha256)
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response
