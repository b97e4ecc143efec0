"""What every test may use: the people and the project. Rows are made by builders.py."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from generations.accounts.models import User
from generations.projects.models import Project
from tests import builders, wakeups


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys last: what comes after a browser in one process would find its event loop running."""
    items.sort(key=lambda item: item.get_closest_marker("journey") is not None)


@pytest.fixture
def project(db: None, ann: User, ben: User, vic: User) -> Project:
    return builders.project("Dusk", manager=ann, member=ben, viewer=vic)


@pytest.fixture
def priced_project(project: Project) -> Project:
    """The project, with the shipped catalogue and its prices."""
    call_command("import_catalog", stdout=io.StringIO())
    return project


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


@pytest.fixture(autouse=True)
def no_wake_up_of_another_test() -> None:
    """Redis rolls nothing back."""
    if settings.REDIS_URL:
        wakeups.empty_redis()


@pytest.fixture(scope="session", autouse=True)
def flush_may_empty_the_ledger() -> Iterator[None]:
    """A test with real transactions ends by emptying every table; SQLite's immutable ones must stand aside for it."""
    if connection.vendor != "sqlite":
        yield
        return
    operations = type(connection.ops)
    plain_flush = operations.sql_flush

    def sql_flush(self: Any, *args: Any, **kwargs: Any) -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
        drops = [f"DROP TRIGGER {name}" for name, _ in triggers]
        return drops + plain_flush(self, *args, **kwargs) + [sql for _, sql in triggers]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operations, "sql_flush", sql_flush)
        yield
