"""Collections by their pages: made, filled, ordered without dragging, taken away; who may and who finds nothing."""

from __future__ import annotations

import uuid

import pytest

from generations.accounts.models import User
from generations.gallery import collecting
from generations.gallery.collections import Collection
from generations.gallery.models import Item
from generations.projects.models import Project
from tests import builders
from tests.builders import NOW
from tests.web.conftest import Browse


@pytest.fixture
def items(priced_project: Project, ben: User) -> list[Item]:
    return [builders.item(priced_project, ben, title=f"<{name}>") for name in ("one", "two", "three")]


@pytest.fixture
def rushes(priced_project: Project, ben: User, items: list[Item]) -> Collection:
    made = collecting.create("Rushes", ben, NOW, project=priced_project)
    collecting.add(made, items, ben, NOW)
    return made


def order(collection: Collection) -> list[str]:
    return [item.title for item in collecting.items_of(collection, collection.owner)]


def test_chosen_items_become_a_collection(browse: Browse, items: list[Item], vic: User) -> None:
    told = [str(item.output_id) for item in items[:2]]
    page = browse(vic).get("/collections/", {"items": ",".join(told)}).text
    assert "Gather 2 items" in page
    answer = browse(vic).post("/collections/", {"name": "<b>Best</b>", "item": told}, follow=True)
    assert "&lt;b&gt;Best" in answer.text
    assert order(Collection.objects.get()) == ["<one>", "<two>"]


def test_viewer_makes_none_for_the_project(browse: Browse, priced_project: Project, vic: User, ben: User) -> None:
    told = {"name": "Best", "project": priced_project.pk}
    assert browse(vic).post("/collections/", told).status_code == 403
    assert browse(ben).post("/collections/", told).status_code == 302
    assert browse(ben).post("/collections/", {"name": " "}).status_code == 422


def test_cover_is_its_picture_for_those_who_see_it(
    browse: Browse, rushes: Collection, items: list[Item], ben: User, cat: User
) -> None:
    assert f"/outputs/{items[0].output_id}/poster" in browse(ben).get("/collections/").text
    collecting.set_cover(rushes, items[1])
    assert f"/outputs/{items[1].output_id}/poster" in browse(ben).get("/collections/").text
    collecting.change(rushes, "Rushes", Collection.Sharing.STUDIO, None)
    page = browse(cat).get("/collections/").text
    assert ("Rushes" in page, "/poster" in page) == (True, False)


def test_order_is_changed_by_buttons(browse: Browse, rushes: Collection, items: list[Item], ben: User) -> None:
    url = f"{rushes.get_absolute_url()}order"
    for do, becomes in (("up", "two"), ("cover", "two"), ("remove", "one"), ("remove", "one"), ("nonsense", "one")):
        told = {"item": str(items[1].output_id), "do": do}
        assert browse(ben).post(url, told).status_code == 302
        assert order(rushes)[0] == f"<{becomes}>"


@pytest.mark.parametrize("verb", ["add", "order", "change", "delete"])
def test_viewer_changes_nothing_and_a_stranger_finds_nothing(
    browse: Browse, rushes: Collection, vic: User, cat: User, verb: str
) -> None:
    url = f"{rushes.get_absolute_url()}{verb}"
    assert (browse(vic).post(url).status_code, browse(cat).post(url).status_code) == (403, 404)
    assert browse(vic).get(url).status_code == 405


def test_only_its_owner_names_shares_and_deletes_it(browse: Browse, rushes: Collection, ann: User, ben: User) -> None:
    url = rushes.get_absolute_url()
    browse(ann).post(f"{url}change", {"name": "Mine", "sharing": "studio"})
    browse(ann).post(f"{url}delete")
    rushes.refresh_from_db()
    assert (rushes.name, rushes.sharing, rushes.deleted_at) == ("Rushes", "project", None)
    browse(ben).post(f"{url}change", {"name": "Dailies", "sharing": "studio"})
    rushes.refresh_from_db()
    assert (rushes.name, rushes.sharing, rushes.project) == ("Dailies", "studio", None)
    browse(ben).post(f"{url}delete")
    assert browse(ben).get(url).status_code == 404


@pytest.mark.parametrize("page", ["", "present", "all.zip", "list.edl", "list.fcpxml"])
def test_stranger_finds_no_page_of_it(browse: Browse, rushes: Collection, cat: User, page: str) -> None:
    assert browse(cat).get(f"{rushes.get_absolute_url()}{page}").status_code == 404
    assert browse(cat).get(f"/collections/{uuid.uuid4()}/{page}").status_code == 404


def test_page_and_presentation_show_the_items(browse: Browse, rushes: Collection, vic: User) -> None:
    for page in ("", "present"):
        assert "&lt;two&gt;" in browse(vic).get(f"{rushes.get_absolute_url()}{page}").text


def test_lists_are_saved_under_a_readable_name(browse: Browse, rushes: Collection, vic: User) -> None:
    answer = browse(vic).get(f"{rushes.get_absolute_url()}list.edl")
    assert answer["Content-Disposition"] == 'attachment; filename="rushes.edl"'
    assert answer.text.startswith("TITLE: Rushes")
    assert browse(vic).get(f"{rushes.get_absolute_url()}list.exe").status_code == 404
