"""The list of projects, and a new one."""

from generations.accounts.models import User
from generations.projects.models import Project
from tests.web.conftest import Browse


def test_home_goes_to_the_projects(ann: User, browse: Browse) -> None:
    assert browse(ann).get("/")["Location"] == "/projects/"


def test_list_links_to_the_boards_of_ones_projects(project: Project, ben: User, cat: User, browse: Browse) -> None:
    assert 'href="/projects/dusk/"' in browse(ben).get("/projects/").text
    assert "dusk" not in browse(cat).get("/projects/").text


def test_new_project_has_its_maker_as_manager(ben: User, browse: Browse) -> None:
    answer = browse(ben).post("/projects/", {"name": "Harbour teaser"})
    made = Project.objects.get()
    assert answer["Location"] == "/projects/harbour-teaser/"
    assert made.role_of(ben) == "manager"


def test_same_name_gets_another_address(ben: User, browse: Browse) -> None:
    for _ in range(2):
        browse(ben).post("/projects/", {"name": "Harbour"})
    assert sorted(Project.objects.values_list("slug", flat=True)) == ["harbour", "harbour-2"]


def test_name_without_letters_of_an_address_gets_one(ben: User, browse: Browse) -> None:
    assert browse(ben).post("/projects/", {"name": "夕暮れ"})["Location"] == "/projects/project/"


def test_empty_or_long_name_is_refused_and_kept(ben: User, browse: Browse) -> None:
    assert browse(ben).post("/projects/", {"name": " "}).status_code == 422
    answer = browse(ben).post("/projects/", {"name": "x" * 81})
    assert answer.status_code == 422
    assert "x" * 81 in answer.text


def test_billing_seat_makes_no_projects(bill: User, browse: Browse) -> None:
    assert browse(bill).post("/projects/", {"name": "Mine"}).status_code == 403
    assert "New project" not in browse(bill).get("/projects/").text


def test_archived_project_stands_apart(project: Project, ann: User, browse: Browse) -> None:
    browse(ann).post("/projects/dusk/settings/archive", {"archived": "1"})
    assert "1 archived" in browse(ann).get("/projects/").text
