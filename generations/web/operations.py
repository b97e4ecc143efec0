"""How the studio is, for admins: processes, sending, unknown outcomes, clips at risk, odd answers, checks, alerts."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from generations import queue
from generations.health import nodes, status
from generations.health.models import Alert, Check
from generations.jobs import breaker, radar, unknowns
from generations.jobs.models import Job, JobEvent, Output
from generations.jobs.states import State
from generations.web.requests import Request

SHOWN = 20


@require_safe
def operations(request: Request) -> HttpResponse:
    now = timezone.now()
    anomalies = JobEvent.objects.filter(name=JobEvent.Name.ANOMALY).select_related("job__project")
    lost = Output.objects.exclude(archive_reason="").select_related("job__project")
    open_attempts = unknowns.open_attempts()
    page = {
        "now": now,
        "verdict": status.verdict(now),
        "nodes": nodes.words(now),
        "breaker": breaker.current(settings.IS_SANDBOX),
        "waiting": Job.objects.filter(state=State.QUEUED, is_sandbox=settings.IS_SANDBOX).count(),
        "attempts": open_attempts[:SHOWN],
        "unknown_count": open_attempts.count(),
        "blips": radar.blips(now, SHOWN),
        "blip_count": radar.unkept().count(),
        "anomalies": anomalies.order_by("-at")[:SHOWN],
        "checks": Check.objects.order_by("name"),
        "lost": lost.order_by("-created_at")[:SHOWN],
        "alerts": Alert.objects.all()[:SHOWN],
    }
    return render(request, "operations/operations.html", page)


@require_POST
def try_now(request: Request) -> HttpResponseRedirect:
    """The breaker's next probe goes out at once; pressed twice it is still one."""
    breaker.try_now(settings.IS_SANDBOX, timezone.now())
    messages.success(request, _("The relay is tried now; the page tells when it answers."))
    return redirect("operations")


@require_POST
def check_now(request: Request) -> HttpResponseRedirect:
    queue.wake("check_invariants")
    messages.success(request, _("The invariants are being checked."))
    return redirect("operations")
