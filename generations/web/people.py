"""The people of the studio: for admins."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from generations.accounts import people as verbs
from generations.accounts.models import Seat, User
from generations.web import access, invitations
from generations.web.invitations import StudioInviteForm
from generations.web.requests import Request
from generations.web.rights import TABLE, Standing


class PersonForm(forms.Form):
    email = forms.EmailField(label=gettext_lazy("E-mail"), max_length=254)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80, required=False)
    seat = forms.ChoiceField(label=gettext_lazy("Seat"), choices=Seat.choices, required=False)

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).lower()
        if User.objects.filter(email__iexact=email).exists():
            raise forms.ValidationError(_("Somebody here has this address already."))
        return email


@require_http_methods(["GET", "HEAD", "POST"])
def people(request: Request) -> HttpResponse:
    """Everybody; POST adds a person and shows their password this once."""
    if request.method == "POST":
        return _add(request)
    return _page(request, PersonForm())


def _add(request: Request) -> HttpResponse:
    form = PersonForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    given = form.cleaned_data
    try:
        person, password = verbs.add_person(given["email"], given["name"], Seat(given["seat"]), timezone.now())
    except IntegrityError:
        form.add_error("email", _("Somebody here has this address already."))
        return _page(request, form, status=422)
    return _page(request, PersonForm(), added=person, password=password)


@require_POST
def invite(request: Request) -> HttpResponse:
    """An invitation with any seat, into any project or none; its link stands on the page this once."""
    form = StudioInviteForm(request.POST)
    if not form.is_valid():
        return _page(request, PersonForm(), 422, invite=form)
    return _page(request, PersonForm(), invited=invitations.make(request, form, form.cleaned_data["project"]))


def _page(request: Request, form: PersonForm, status: int = 200, **more: Any) -> HttpResponse:
    page = {
        "form": form,
        "invite": StudioInviteForm(),
        "invitations": invitations.open_invitations(),
        "people": User.objects.order_by("-is_active", "email"),
        "seats": Seat.choices,
    } | more
    return render(request, "people/list.html", page, status=status)


@require_POST
def change_seat(request: Request, user_id: int) -> HttpResponseRedirect:
    """Gives somebody else another seat."""
    person = _other(request, user_id)
    seat = request.POST.get("seat", "")
    if seat not in Seat.values:
        messages.error(request, _("Choose one of the seats."))
    else:
        verbs.give_seat(person, Seat(seat), timezone.now())
        messages.success(request, _("%(name)s: %(seat)s.") % {"name": person, "seat": Seat(seat).label})
    return redirect("people")


@require_POST
def switch(request: Request, user_id: int) -> HttpResponseRedirect:
    """Switches somebody else off, their sessions end; or on again. `active` says which, so twice is harmless."""
    person = _other(request, user_id)
    verbs.switch(person, is_active=request.POST.get("active") == "1", now=timezone.now())
    said = _("%(name)s can sign in again.") if person.is_active else _("%(name)s is switched off and signed out.")
    messages.success(request, said % {"name": person})
    return redirect("people")


@require_POST
def sign_out(request: Request, user_id: int) -> HttpResponseRedirect:
    """Ends every session of somebody else."""
    person = _other(request, user_id)
    verbs.sign_out_everywhere(person, timezone.now())
    messages.success(request, _("%(name)s is signed out everywhere.") % {"name": person})
    return redirect("people")


def _other(request: Request, user_id: int) -> User:
    """Nobody changes their own seat or switches themselves off: an admin would be left out."""
    access.require(request.user.pk != user_id)
    return get_object_or_404(User, pk=user_id)


@require_safe
def rights(request: Request) -> HttpResponse:
    """The table of rights, with the column of who looks marked."""
    mine = access.standings(request.user) - {Standing.STRANGER}
    page = {
        "standings": [(standing, standing in mine) for standing in Standing],
        "rows": [(right, [(right.allows(standing), standing) for standing in Standing]) for right in TABLE],
    }
    return render(request, "people/rights.html", page)
