"""Capabilities and forms for tests of single rules; the shipped catalogue is read in test_catalogue.py."""

import pytest

from generations.catalog.capabilities import Capabilities
from generations.catalog.models import Audio


@pytest.fixture
def can() -> Capabilities:
    """A model with a choice in everything."""
    return make()


def make(**changes: object) -> Capabilities:
    """A model as Seedance 2.0 is, but for the changes."""
    usual: dict[str, object] = {
        "name": "seedance-2.0",
        "label": "Seedance 2.0",
        "vendor": "ByteDance",
        "min_seconds": 4,
        "max_seconds": 15,
        "default_seconds": 5,
        "ratios": ("16:9", "9:16", "1:1"),
        "resolutions": ("480p", "720p", "4k"),
        "audio": Audio.OPTIONAL,
        "takes_seed": True,
    }
    return Capabilities(**(usual | changes))  # type: ignore[arg-type]


def form(**changes: str) -> dict[str, str]:
    """A form that is right, but for the changes."""
    usual = {"prompt": "Dusk walk", "model": "seedance-2.0", "resolution": "720p", "ratio": "16:9", "seconds": "5"}
    return usual | changes
