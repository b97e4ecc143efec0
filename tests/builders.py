"""Rows for tests, each with overrides; built through the rooms' own verbs where there is one."""

from typing import Any

from generations.accounts.models import User
from generations.projects.models import Membership, Project, Role

PASSWORD = "correct horse battery"


def user(name: str, **fields: Any) -> User:
    return User.objects.create_user(f"{name}@example.com", PASSWORD, **({"name": name.title()} | fields))


def project(name: str, **people: User) -> Project:
    """project("Dusk", manager=ann, member=ben, viewer=vic)"""
    made = Project.objects.create(name=name, slug=name.lower(), created_by=next(iter(people.values())))
    for role, person in people.items():
        Membership.objects.create(project=made, user=person, role=Role(role))
    return made
