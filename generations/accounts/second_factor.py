"""The second factor as this studio has it: its secrets encrypted, and forced by a setting."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.utils.translation import gettext as _

from generations.accounts.models import Seat, User

FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


class StudioMFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    def get_totp_issuer(self) -> str:
        return f"relayweb {settings.PUBLIC_HOST}".strip()

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def generate_authenticator_name(self, user: User, type: Any) -> str:  # noqa: A002
        count = Authenticator.objects.filter(user=user, type=type).count()
        return _("Passkey %(number)d") % {"number": count + 1}


def _cipher() -> MultiFernet:
    """Keys made from the studio's secret, and from former ones, so that it can be changed."""
    secrets = [str(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    keys = [hashlib.sha256(f"second factor {secret}".encode()).digest() for secret in secrets]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])


def must_set_up(user: User) -> bool:
    """Whether this person may do nothing before they have a second factor."""
    if not settings.REQUIRE_MFA or user.seat == Seat.NONE:
        return False
    return not Authenticator.objects.filter(user=user, type__in=FACTORS).exists()
