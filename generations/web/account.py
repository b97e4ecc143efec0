"""One's own account: name and theme."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

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
        return render(request, "account/account.html", {"form": AccountForm(instance=request.user)})
    form = AccountForm(request.POST, instance=User.objects.get(pk=request.user.pk))
    if not form.is_valid():
        return render(request, "account/account.html", {"form": form}, status=422)
    form.save()
    messages.success(request, _("Saved."))
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
