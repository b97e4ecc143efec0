"""One's own account: name, theme, and where one is signed in."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from generations.accounts import people, sessions
from generations.accounts.models import User
from generations.web.requests import Request


class AccountForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = ("name", "theme", "has_single_keys")


@require_http_methods(["GET", "HEAD", "POST"])
def account(request: Request) -> HttpResponse:
    """Shows and saves name and theme."""
    if request.method != "POST":
        return _page(request, AccountForm(instance=request.user))
    form = AccountForm(request.POST, instance=User.objects.get(pk=request.user.pk))
    if not form.is_valid():
        return _page(request, form, status=422)
    form.save()
    messages.success(request, _("Saved."))
    return redirect("account")


def _page(request: Request, form: AccountForm, status: int = 200) -> HttpResponse:
    now = timezone.now()
    page = {"form": form, "now": now, "sessions": sessions.of(request.user, request.session.session_key, now)}
    return render(request, "account/account.html", page, status=status)


@require_POST
def end_session(request: Request, name: str) -> HttpResponse:
    """Ends one of one's sessions; pressed twice is harmless."""
    sessions.end(request.user, name, timezone.now())
    return redirect("account")


@require_POST
def end_other_sessions(request: Request) -> HttpResponse:
    people.sign_out_everywhere(request.user, timezone.now(), but=request.session.session_key)
    messages.success(request, _("You are signed out everywhere else."))
    return redirect("account")


@require_POST
def theme(request: Request) -> HttpResponse:
    """Keeps a theme and goes back to where the person was."""
    chosen = request.POST.get("theme", "")
    if chosen not in User.Theme.values:
        return HttpResponseBadRequest(_("Choose dark, light or as the system."))
    User.objects.filter(pk=request.user.pk).update(theme=chosen)
    after = request.POST.get("next", "")
    return redirect(after if url_has_allowed_host_and_scheme(after, {request.get_host()}) else "account")
