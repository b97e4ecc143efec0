"""What a fresh data directory gets, and what a second start leaves alone."""

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from generations.accounts.models import Seat, User
from generations.catalog.models import Price, VideoModel
from generations.projects.models import Membership, Project, Role
from generations.studio import setup

pytestmark = pytest.mark.django_db


@pytest.fixture
def said() -> list[str]:
    return []


def test_first_admin_gets_a_password_and_a_project(said: list[str]) -> None:
    sign_in = setup.first_admin(said.append)
    admin = User.objects.get(email="admin@studio.local")
    assert admin.seat == Seat.ADMIN
    assert admin.check_password(sign_in.password)
    assert Membership.objects.get(project__slug="first-steps", user=admin).role == Role.MANAGER
    assert sign_in.password in str(sign_in)


def test_first_admin_takes_the_settings(settings: Settings, said: list[str]) -> None:
    settings.STUDIO_EMAIL, settings.STUDIO_PASSWORD = "Ada@Example.com", "correct horse battery"
    sign_in = setup.first_admin(said.append)
    assert User.objects.get(email="ada@example.com").check_password("correct horse battery")
    assert "correct horse" not in str(sign_in)
    assert said == []


def test_first_admin_is_told_of_a_weak_password_and_gets_it(settings: Settings, said: list[str]) -> None:
    settings.STUDIO_PASSWORD = "studio"
    setup.first_admin(said.append)
    assert said[0].startswith("STUDIO_PASSWORD is weaker than the studio asks of people")
    assert User.objects.get().check_password("studio")


def test_first_admin_refuses_what_is_no_address(settings: Settings, said: list[str]) -> None:
    settings.STUDIO_EMAIL = "ada"
    with pytest.raises(setup.Unusable, match="STUDIO_EMAIL must be an e-mail address, not 'ada'"):
        setup.first_admin(said.append)


def test_first_admin_is_made_once(settings: Settings, said: list[str]) -> None:
    setup.first_admin(said.append)
    settings.STUDIO_EMAIL = "another@example.com"
    assert setup.first_admin(said.append) == setup.SignIn("admin@studio.local")
    assert User.objects.count() == 1


def test_first_admin_can_be_a_person_who_was_there(settings: Settings, ben: User, said: list[str]) -> None:
    settings.STUDIO_EMAIL = ben.email
    sign_in = setup.first_admin(said.append)
    ben.refresh_from_db()
    assert ben.is_admin
    assert ben.check_password(sign_in.password)


def test_first_admin_adds_no_project_to_others(project: Project, said: list[str]) -> None:
    setup.first_admin(said.append)
    assert list(Project.objects.all()) == [project]


def test_catalogue_is_imported_once(tmp_path: Path, said: list[str]) -> None:
    setup.import_catalogue(tmp_path / "stamp", said.append)
    assert said == [f"Catalogue: {VideoModel.objects.count()} video models."]
    Price.objects.all().delete()
    setup.import_catalogue(tmp_path / "stamp", said.append)
    assert len(said) == 1
    assert not Price.objects.exists()


def test_catalogue_is_imported_again_when_another_is_shipped(tmp_path: Path, said: list[str]) -> None:
    setup.import_catalogue(tmp_path / "stamp", said.append)
    (tmp_path / "stamp").write_text("that of an older one")
    setup.import_catalogue(tmp_path / "stamp", said.append)
    assert said[1] == "nothing changed"


def test_static_files_are_collected_when_they_changed(tmp_path: Path, settings: Settings) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "a.css").write_text("a {}")
    settings.STATICFILES_DIRS, settings.STATIC_ROOT = [source], tmp_path / "static"
    assert setup.collect_static(tmp_path / "stamp")
    assert not setup.collect_static(tmp_path / "stamp")
    (source / "a.css").write_text("a { color: red }")
    assert setup.collect_static(tmp_path / "stamp")
    assert (tmp_path / "static" / "a.css").read_text() == "a { color: red }"
