"""Servers of one test run."""

from collections.abc import Iterator

import pytest

from tests.services import servers


@pytest.fixture(scope="session")
def bucket_url() -> Iterator[str]:
    """MEDIA_S3_URL of an empty bucket."""
    with servers.s3() as url:
        yield url


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    with servers.redis() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with servers.postgres() as url:
        yield url
