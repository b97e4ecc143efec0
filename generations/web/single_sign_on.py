"""Sign-in by OpenID Connect: for who exists or is invited, and for one domain where a setting says so."""

from __future__ import annotations

from typing import Any

import requests
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import render
from django.utils import timezone

from generations.accounts import audit
from generations.accounts.models import User
from generations.projects import inviting

TIMEOUT_SECONDS = 5


class ProviderSession(requests.Session):
    """A provider that is away or broken ends in a page that says so, never in a traceback."""

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        try:
            answer = super().request(*args, **({"timeout": TIMEOUT_SECONDS} | kwargs))
            answer.raise_for_status()
        except requests.RequestException as error:
            page = render(context.request, "socialaccount/authentication_error.html", status=502)
            raise ImmediateHttpResponse(page) from error
        return answer


class StudioSocialAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    def get_requests_session(self) -> requests.Session:
        return ProviderSession()

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Whether a stranger becomes somebody here: only under an address that the provider has verified."""
        email = _verified_email(sociallogin)
        if not email or User.objects.filter(email=email).exists():
            return False
        is_of_domain = bool(settings.OIDC_DOMAIN) and email.endswith(f"@{settings.OIDC_DOMAIN}")
        return is_of_domain or inviting.newest_for(email, timezone.now()) is not None

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> User:
        user: User = super().populate_user(request, sociallogin, data)
        user.email, user.name = user.email.lower(), str(data.get("name") or "")[:80]
        return user

    @transaction.atomic
    def save_user(self, request: HttpRequest, sociallogin: Any, form: Any = None) -> User:
        """Makes the account, with what its newest invitation promises."""
        user: User = super().save_user(request, sociallogin, form)
        now = timezone.now()
        audit.record("person.added", about=user.email, after={"name": user.name}, actor=user, now=now)
        if invitation := inviting.newest_for(user.email, now):
            inviting.accept_by_sign_on(invitation, user, now)
        return user


def _verified_email(sociallogin: Any) -> str:
    return next((each.email.lower() for each in sociallogin.email_addresses if each.verified), "")
