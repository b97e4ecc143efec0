"""Browsers of the people, and the composer's form."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from generations.accounts.models import User

type Browse = Callable[[User], Client]


@pytest.fixture
def browse(db: None) -> Browse:
    """browse(ann).get("/projects/"): a browser in which this person is signed in."""

    def signed_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return signed_in


def form(**changes: Any) -> dict[str, Any]:
    """The composer as a browser sends it; a field given as None is left out."""
    usual = {
        "prompt": "Dusk walk over the harbour",
        "model": "seedance-2.0",
        "resolution": "480p",
        "ratio": "16:9",
        "seconds": "4",
        "audio": "on",
        "seed": "7",
        "key": uuid.uuid4().hex,
    }
    return {name: value for name, value in (usual | changes).items() if value is not None}


HTMX = {"HX-Request": "true"}
