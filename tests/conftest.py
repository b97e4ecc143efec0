"""What every test may use: the people and the project. Rows are made by builders.py."""

import pytest

from generations.accounts.models import User
from generations.projects.models import Project
from tests import builders


@pytest.fixture
def project(db: None, ann: User, ben: User, vic: User) -> Project:
    return builders.project("Dusk", manager=ann, member=ben, viewer=vic)


@pytest.fixture
def ann(db: None) -> User:
    """The manager."""
    return builders.user("ann")


@pytest.fixture
def ben(db: None) -> User:
    """A member."""
    return builders.user("ben")


@pytest.fixture
def vic(db: None) -> User:
    """A viewer."""
    return builders.user("vic")


@pytest.fixture
def bill(db: None) -> User:
    """The billing seat."""
    return builders.user("bill", seat="billing")


@pytest.fixture
def ada(db: None) -> User:
    """The studio's admin."""
    return builders.user("ada", seat="admin")


@pytest.fixture
def cat(db: None) -> User:
    """A stranger to every project."""
    return builders.user("cat")
