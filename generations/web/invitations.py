"""Invitations: made and taken back by admins and managers; and the page behind the link, which needs no account."""

from __future__ import annotations

import logging
import smtplib
from dataclasses import dataclass
from typing import Any

from allauth.account.adapter import get_adapter
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.password_validation import validate_password
from django.core.mail import send_mail
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from generations.accounts.models import Seat, User
from generations.projects import inviting
from generations.projects.models import Invitation, Project, Role
from generations.web import access, rights
from generations.web.requests import Request

log = logging.getLogger(__name__)


class InviteForm(forms.Form):
    """Of a manager: into their project."""

    email = forms.EmailField(label=gettext_lazy("E-mail"), max_length=254)
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=Role.choices, initial=Role.MEMBER)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **({"auto_id": "invite_%s"} | kwargs))  # beside another form of such fields


class StudioInviteForm(InviteForm):
    """Of an admin: with a seat, and into any project or none."""

    project = forms.ModelChoiceField(
        Project.objects.active(), label=gettext_lazy("Project"), required=False, empty_label=gettext_lazy("None yet")
    )
    seat = forms.ChoiceField(label=gettext_lazy("Seat"), choices=Seat.choices, required=False)
    field_order = ("email", "seat", "project", "role")

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).lower()
        if User.objects.filter(email=email).exists():
            raise forms.ValidationError(
                _("Somebody here has this address already: add them in the project's settings.")
            )
        return email


class WelcomeForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Your name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = forms.CharField(
        label=gettext_lazy("A password"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("At least 12 characters. A passkey can take its place later."),
    )

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, User(name=self.cleaned_data.get("name", "")))
        return password


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation just made: its link is shown this once."""

    invitation: Invitation
    link: str
    is_mailed: bool


def make(request: Request, form: InviteForm, project: Project | None) -> Invited:
    """Makes and mails what a valid form asks for. Raises MayNotInvite."""
    given = form.cleaned_data
    made, token = inviting.invite(
        given["email"],
        actor=request.user,
        now=timezone.now(),
        project=project,
        role=Role(given["role"]),
        seat=Seat(given.get("seat", "")),
    )
    path = reverse("invitation", args=[token])
    link = f"{settings.PUBLIC_URL}{path}" if settings.PUBLIC_URL else request.build_absolute_uri(path)
    return Invited(made, link, _mail(made, link))


def _mail(invitation: Invitation, link: str) -> bool:
    """Whether the mail went out; without a mail server it lies in DATA_DIR/mail, which is not out."""
    text = render_to_string("emails/invitation.txt", {"invitation": invitation, "link": link})
    try:
        send_mail(_("You are invited to a video studio"), text, None, [invitation.email])
    except (OSError, smtplib.SMTPException) as error:
        log.warning("The invitation of %s was not mailed: %s", invitation.pk, error)
        return False
    return settings.SENDS_MAIL


def open_invitations(project: Project | None = None) -> list[Invitation]:
    """Of a project, or all of them."""
    rows = Invitation.objects.open(timezone.now()).select_related("project", "invited_by")
    return list(rows.filter(project=project) if project else rows)


@require_POST
def revoke(request: Request, invitation_id: int) -> HttpResponseRedirect:
    """By an admin, or by a manager of the project into which it leads. Twice is harmless."""
    invitation = _invitation_for(request.user, invitation_id)
    inviting.revoke(invitation, timezone.now())
    messages.success(request, _("The link for %(email)s opens nothing any more.") % {"email": invitation.email})
    after = invitation.project
    if after and not request.user.is_admin:
        return redirect("project_settings", slug=after.slug)
    return redirect("people")


def _invitation_for(user: User, invitation_id: int) -> Invitation:
    """Raises Http404 where the person is not in its project, PermissionDenied where they do not manage it."""
    rows = Invitation.objects.select_related("project")
    if not user.is_admin:
        rows = rows.filter(project__in=Project.objects.visible_to(user))
    invitation = get_object_or_404(rows, pk=invitation_id)
    access.require(access.may(user, rights.MANAGE, invitation.project))
    return invitation


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """What the link opens: an account to make, or a project to join. One that opens nothing does not say why."""
    try:
        found = inviting.find(token, timezone.now())
        if request.user.is_authenticated:
            return _join(request, token, found)
        if User.objects.filter(email=found.email).exists():
            return render(request, "people/invitation.html", {"invitation": found, "has_account": True})
        return _welcome(request, token, found)
    except inviting.NotOpen:
        return render(request, "people/not_open.html", status=404)


def _join(request: HttpRequest, token: str, found: Invitation) -> HttpResponse:
    """Somebody who is signed in: only under the invited address. Raises NotOpen."""
    user = request.user
    if not isinstance(user, User) or user.email != found.email:
        raise inviting.NotOpen
    if request.method != "POST":
        return render(request, "people/invitation.html", {"invitation": found, "may_join": True})
    inviting.accept(token, user=user, now=timezone.now())
    return redirect(found.project or "projects")


def _welcome(request: HttpRequest, token: str, found: Invitation) -> HttpResponse:
    """Makes the account and signs in. Raises NotOpen."""
    form = WelcomeForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        page: dict[str, Any] = {"invitation": found, "form": form}
        return render(request, "people/invitation.html", page, status=422 if form.errors else 200)
    given = form.cleaned_data
    person = inviting.accept_as_new(token, name=given["name"], password=given["password"], now=timezone.now())
    get_adapter(request).login(request, person)
    messages.success(request, _("Welcome, %(name)s.") % {"name": person})
    return redirect(found.project or "projects")
