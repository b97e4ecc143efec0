"""Archive, delete, restore: on the item's page and in the grid; a project's gallery settings and its storage."""

from __future__ import annotations

import pytest

from generations.accounts.models import User
from generations.gallery.models import Item, Shelf
from generations.projects.models import Project
from tests import builders
from tests.web.conftest import Browse

pytestmark = pytest.mark.django_db


@pytest.fixture
def item(priced_project: Project, ben: User) -> Item:
    return builders.item(priced_project, ben, prompt="A heron <b>")


def shelf_of(item: Item) -> str:
    item.refresh_from_db()
    return item.shelf


def test_deleted_item_leaves_the_gallery_lies_in_the_bin_and_comes_back(item: Item, browse: Browse, ben: User) -> None:
    browser, address = browse(ben), f"/gallery/{item.output_id}/shelve"
    for _press in range(2):
        assert browser.post(f"{address}?project=dusk", {"do": "delete"})["Location"].endswith("/?project=dusk")
    assert shelf_of(item) == Shelf.BIN
    assert "A heron" not in browser.get("/gallery/").text
    assert "A heron &lt;b&gt;" in browser.get("/gallery/?shelf=bin").text
    assert "it is given up on" in browser.get(item.get_absolute_url()).text
    browser.post(address, {"do": "restore"})
    assert shelf_of(item) == Shelf.SHOWN


def test_member_archives_anything_but_deletes_only_their_own(
    priced_project: Project, browse: Browse, ann: User, ben: User, vic: User
) -> None:
    item = builders.item(priced_project, ann)
    address = f"/gallery/{item.output_id}/shelve"
    assert browse(vic).post(address, {"do": "archive"}).status_code == 403
    assert browse(ben).post(address, {"do": "delete"}).status_code == 403
    assert browse(ben).post(address, {"do": "archive"}).status_code == 302
    assert browse(ben).post(address, {"do": "burn"}).status_code == 422
    assert shelf_of(item) == Shelf.ARCHIVED
    assert browse(ann).post(address, {"do": "delete"}).status_code == 302
    assert browse(ben).post(address, {"do": "restore"}).status_code == 403


def test_many_are_deleted_at_once_but_not_those_of_others(
    item: Item, priced_project: Project, browse: Browse, ann: User, ben: User
) -> None:
    other = builders.item(priced_project, ann)
    form = {"do": "delete", "item": [str(item.output_id), str(other.output_id)]}
    page = browse(ben).post("/gallery/bulk", form, follow=True).text
    assert (shelf_of(item), shelf_of(other)) == (Shelf.BIN, Shelf.SHOWN)
    assert "1 deleted" in page
    assert "1 is not yours to move" in page


def test_stranger_of_an_open_gallery_finds_no_bin(item: Item, browse: Browse, cat: User) -> None:
    Project.objects.update(gallery_open=True)
    Item.objects.update(shelf=Shelf.BIN)
    assert "A heron" not in browse(cat).get("/gallery/?shelf=bin").text
    assert "A heron" not in browse(cat).get("/gallery/?shelf=bin&q=heron").text
    assert browse(cat).get(item.get_absolute_url()).status_code == 404


def test_manager_opens_the_gallery_and_sees_what_it_takes(
    item: Item, browse: Browse, ann: User, ben: User, project: Project
) -> None:
    address = "/projects/dusk/settings/gallery/"
    assert browse(ben).get(address).status_code == 403
    assert "1.0 MB" in browse(ann).get(address).text
    form = {"gallery_open": "on", "plain_downloads": "on", "keep_days": "90"}
    assert browse(ann).post(address, form)["Location"] == address
    project.refresh_from_db()
    assert (project.gallery_open, project.plain_downloads, project.keep_days) == (True, True, 90)
    assert browse(ann).post(address, {"keep_days": "0"}).status_code == 422
    assert browse(ann).post(address, {"keep_days": ""}).status_code == 302
    project.refresh_from_db()
    assert (project.gallery_open, project.keep_days) == (False, None)
