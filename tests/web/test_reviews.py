"""Stars, favourites and states by their forms, one and many; the compared side by side."""

from __future__ import annotations

from typing import Any

import pytest

from generations.accounts.models import User
from generations.gallery.models import Item, Review
from generations.gallery.reviews import Favourite, ReviewChange
from generations.projects.models import Project
from tests import builders
from tests.web.conftest import HTMX, Browse


@pytest.fixture
def item(priced_project: Project, ben: User) -> Item:
    return builders.item(priced_project, ben)


def post(client: Any, item: Item, verb: str, **fields: str) -> Any:
    return client.post(f"/gallery/{item.output_id}/{verb}", fields)


def test_stars_are_given_and_taken_back(browse: Browse, item: Item, vic: User) -> None:
    for count, hundredths in (("4", 400), ("4", 400), ("0", 0)):
        assert post(browse(vic), item, "stars", count=count)["Location"] == item.get_absolute_url()
        item.refresh_from_db()
        assert item.rating_hundredths == hundredths


@pytest.mark.parametrize("count", ["", "6", "-1", "x"])
def test_other_counts_are_refused(browse: Browse, item: Item, vic: User, count: str) -> None:
    assert post(browse(vic), item, "stars", count=count).status_code == 422


def test_favourite_is_pressed_twice(browse: Browse, item: Item, vic: User) -> None:
    for _ in range(2):
        post(browse(vic), item, "favourite", wanted="1")
    assert Favourite.objects.get().user == vic
    post(browse(vic), item, "favourite", wanted="0")
    assert not Favourite.objects.exists()


def test_member_puts_up_and_manager_approves(browse: Browse, item: Item, ann: User, ben: User, vic: User) -> None:
    assert post(browse(vic), item, "review", to="in_review").status_code == 403
    assert post(browse(ben), item, "review", to="in_review").status_code == 302
    assert post(browse(ben), item, "review", to="approved").status_code == 403
    assert post(browse(ann), item, "review", to="approved", note="<i>Lovely</i>").status_code == 302
    assert post(browse(ben), item, "review", to="none").status_code == 403  # the manager's word stands
    told = list(ReviewChange.objects.values_list("new", "actor"))
    assert told == [("approved", ann.pk), ("in_review", ben.pk)]


def test_panel_says_how_it_came_to_this(browse: Browse, item: Item, ann: User) -> None:
    url = f"/gallery/{item.output_id}/review"
    text = browse(ann).post(url, {"to": "needs_changes", "note": "<i>Too fast</i>"}, headers=HTMX).text
    assert "Needs changes" in text
    assert "&lt;i&gt;Too fast&lt;/i&gt;" in text


@pytest.mark.parametrize("verb", ["stars", "favourite", "review"])
def test_stranger_finds_nothing(browse: Browse, item: Item, cat: User, verb: str) -> None:
    assert post(browse(cat), item, verb, count="1", to="approved").status_code == 404


def test_many_are_moved_and_what_is_not_mine_is_said(browse: Browse, item: Item, ann: User, ben: User) -> None:
    theirs = builders.item(builders.project("Dawn", manager=ben, viewer=ann), ben)
    told = {"item": [str(item.output_id), str(theirs.output_id), "nonsense"], "do": "approved", "back": "/projects/"}
    answer = browse(ann).post("/gallery/bulk", told, follow=True)
    assert answer.redirect_chain == [("/projects/", 302)]
    assert "1 clip: approved." in answer.text
    assert "1 is not yours to decide." in answer.text
    assert [Item.objects.get(pk=one.pk).review for one in (item, theirs)] == [Review.APPROVED, Review.NONE]


def test_many_of_a_stranger_are_none(browse: Browse, item: Item, cat: User) -> None:
    browse(cat).post("/gallery/bulk", {"item": [str(item.output_id)], "do": "favourite", "back": "//evil.example"})
    assert not Favourite.objects.exists()


@pytest.mark.parametrize("back", ["//evil.example/", "https://evil.example/", "javascript:alert(1)", ""])
def test_form_leads_nowhere_else(browse: Browse, item: Item, ann: User, back: str) -> None:
    answer = browse(ann).post("/gallery/bulk", {"item": [str(item.output_id)], "do": "favourite", "back": back})
    assert answer["Location"] == "/gallery/"


def test_chosen_lead_to_their_comparison(browse: Browse, item: Item, vic: User) -> None:
    answer = browse(vic).post("/gallery/bulk", {"item": [str(item.output_id)], "do": "compare"})
    assert answer["Location"] == f"/gallery/compare/?items={item.output_id}"


def test_project_says_what_an_approved_second_cost(browse: Browse, item: Item, ann: User, vic: User) -> None:
    assert "an approved second" not in browse(ann).get("/projects/dusk/").text
    post(browse(ann), item, "review", to="approved")
    assert "an approved second" in browse(ann).get("/projects/dusk/").text
    assert "an approved second" not in browse(vic).get("/projects/dusk/").text


# ----------------------------------------------------------------- compare


def compared(client: Any, *items: Item) -> Any:
    return client.get("/gallery/compare/", {"items": ",".join(str(item.output_id) for item in items)})


def test_prompts_and_parameters_are_told_apart(browse: Browse, item: Item, priced_project: Project, ben: User) -> None:
    other = builders.item(priced_project, ben, prompt="Dusk run over the <harbour>", seconds=5)
    text = compared(browse(ben), item, other).text
    assert "<del>walk</del><ins>run</ins>" in text
    assert "&lt;harbour" not in text.split("Parameters")[1]
    assert text.count('class="differs"') == 1  # the cost: the clips themselves are of one length


def test_cost_is_shown_to_those_who_see_the_money(browse: Browse, item: Item, priced_project: Project, ann: User,
                                                  ben: User, vic: User) -> None:  # fmt: skip
    other = builders.item(priced_project, ben)
    costs = {person: "SBX" in compared(browse(person), item, other).text for person in (ann, ben, vic)}
    assert costs == {ann: True, ben: True, vic: False}


def test_one_that_is_not_mine_hides_the_comparison(browse: Browse, item: Item, cat: User) -> None:
    assert compared(browse(cat), item, item).status_code == 404


@pytest.mark.parametrize(("number", "status"), [(0, 200), (1, 422), (2, 200), (4, 200), (5, 422)])
def test_two_to_four_are_compared(browse: Browse, priced_project: Project, ben: User, number: int, status: int) -> None:
    items = [builders.item(priced_project, ben) for _ in range(number)]
    answer = compared(browse(ben), *items)
    assert (answer.status_code, answer.text.count("<video")) == (status, number if status == 200 else 0)
