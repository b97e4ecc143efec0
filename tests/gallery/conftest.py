"""Clips in the gallery, made as the studio makes them; their bytes are rows only."""

from collections.abc import Callable

import pytest

from generations.accounts.models import User
from generations.gallery.models import Item
from generations.projects.models import Project
from tests import builders

Make = Callable[..., Item]


@pytest.fixture
def make(priced_project: Project, ben: User) -> Make:
    """make(prompt="A heron", seconds=5): an item of ben's in the project."""
    return lambda **changes: builders.item(priced_project, ben, **changes)
