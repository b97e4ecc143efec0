"""How allauth behaves here: nobody signs up by themselves, and every sign-in is written down."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from generations.accounts import audit
from generations.accounts.models import User


class StudioAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def post_login(self, request: HttpRequest, user: User, **more: Any) -> HttpResponse:
        answer: HttpResponse = super().post_login(request, user, **more)
        audit.record("sign_in", about=user.email, actor=user, now=timezone.now())
        return answer

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Also for addresses that nobody here has: who guesses is seen."""
        audit.record("sign_in.failed", about=credentials.get("email", ""), now=timezone.now())

    def set_password(self, user: User, password: str) -> None:
        super().set_password(user, password)
        audit.record("password.changed", about=user.email, actor=user, now=timezone.now())

    def send_notification_mail(self, template_prefix: str, user: User, *args: Any, **kwargs: Any) -> None:
        """Called at every change of a second factor, as mfa/email/totp_activated and the like."""
        if template_prefix.startswith("mfa/"):
            what = template_prefix.rpartition("/")[2]
            audit.record("second_factor", about=user.email, after={"what": what}, actor=user, now=timezone.now())
        super().send_notification_mail(template_prefix, user, *args, **kwargs)

    def get_client_ip(self, request: HttpRequest) -> str:
        return audit.present().ip
