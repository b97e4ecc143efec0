"""What every page passes through: compression."""

import gzip

from django.test import Client

from generations.accounts.models import User
from generations.projects.models import Project

GZIP = {"Accept-Encoding": "gzip, br"}


def test_page_travels_compressed(client: Client, ben: User, project: Project) -> None:
    client.force_login(ben)
    answer = client.get("/projects/", headers=GZIP)
    assert answer["Content-Encoding"] == "gzip"
    assert project.name in gzip.decompress(answer.content).decode()


def test_page_is_plain_for_whoever_asks_for_no_compression(client: Client, ben: User, project: Project) -> None:
    client.force_login(ben)
    assert project.name in client.get("/projects/").content.decode()
