"""Comments by their forms: who may, what is refused, what a waiting page is told, and a clip made again with one."""

from __future__ import annotations

import re
from typing import Any

import pytest

from generations.accounts.models import User
from generations.gallery import talking
from generations.gallery.comments import Comment, Remake
from generations.gallery.models import Item
from generations.jobs.models import Job
from generations.projects.models import Project
from tests import builders
from tests.builders import NOW
from tests.web.conftest import HTMX, Browse, form


@pytest.fixture
def item(priced_project: Project, ben: User) -> Item:
    return builders.item(priced_project, ben)


@pytest.fixture
def thread(item: Item, vic: User) -> Comment:
    return talking.say(item, vic, "Slower here", key="first", now=NOW)


def say(client: Any, item: Item, **fields: str) -> Any:
    return client.post(f"/gallery/{item.output_id}/comments", {"text": "Too dark", "key": "k"} | fields)


def test_viewer_comments_on_a_range_and_presses_twice(browse: Browse, item: Item, vic: User) -> None:
    for _ in range(2):
        answer = say(browse(vic), item, at="0:01.5", until="3")
        assert (answer.status_code, answer["Location"]) == (302, f"/gallery/{item.output_id}/#comments")
    comment = Comment.objects.get()
    assert (comment.author, comment.start_ms, comment.end_ms, comment.text) == (vic, 1500, 3000, "Too dark")


def test_with_htmx_the_threads_come_back(browse: Browse, item: Item, vic: User) -> None:
    url = f"/gallery/{item.output_id}/comments"
    text = browse(vic).post(url, {"text": "<b>Too dark</b>", "at": "1"}, headers=HTMX).text
    assert 'id="threads"' in text
    assert "&lt;b&gt;Too dark&lt;/b&gt;" in text
    assert 'data-start="1000"' in text


@pytest.mark.parametrize(
    "fields", [{"text": " "}, {"at": "soon"}, {"until": "2"}, {"at": "99"}, {"at": "2", "until": "1"}]
)
def test_refused_words_are_kept_in_the_form(browse: Browse, item: Item, vic: User, fields: dict[str, str]) -> None:
    answer = say(browse(vic), item, **fields)
    assert (answer.status_code, Comment.objects.count()) == (422, 0)
    assert all(f'value="{value}"' in answer.text for name, value in fields.items() if name != "text")


def test_waiting_page_is_told_of_the_words_of_others(browse: Browse, item: Item, ann: User, vic: User) -> None:
    url = f"/gallery/{item.output_id}/comments/poll"
    assert browse(ann).get(url, {"seen": "0"}).status_code == 204
    say(browse(vic), item)
    answer = browse(ann).get(url, {"seen": "0"})
    assert "Too dark" in answer.text
    seen = re.search(r'name="seen" value="(\d+)"', answer.text)
    assert seen
    assert browse(ann).get(url, {"seen": seen[1]}).status_code == 204


def test_answer_belongs_to_a_thread_of_the_same_item(
    browse: Browse, item: Item, thread: Comment, ben: User, priced_project: Project
) -> None:
    assert say(browse(ben), item, root=str(thread.pk)).status_code == 302
    assert thread.replies.get().author == ben
    other = builders.item(priced_project, ben)
    assert say(browse(ben), other, root=str(thread.pk)).status_code == 404
    assert say(browse(ben), item, root="nonsense").status_code == 404


def test_only_who_said_it_changes_it(browse: Browse, thread: Comment, ann: User, vic: User) -> None:
    assert browse(ann).post(f"/comments/{thread.pk}/edit", {"text": "Mine now"}).status_code == 422
    assert browse(vic).post(f"/comments/{thread.pk}/edit", {"text": "Slower, please"}).status_code == 302
    thread.refresh_from_db()
    assert thread.text == "Slower, please"


def test_manager_deletes_what_others_said_and_a_member_does_not(
    browse: Browse, thread: Comment, ann: User, ben: User
) -> None:
    assert browse(ben).post(f"/comments/{thread.pk}/delete").status_code == 422
    assert browse(ann).post(f"/comments/{thread.pk}/delete").status_code == 302
    assert browse(ann).post(f"/comments/{thread.pk}/delete").status_code == 404
    thread.refresh_from_db()
    assert thread.text == ""


def test_member_resolves_and_opens_again(browse: Browse, thread: Comment, ben: User) -> None:
    for told, resolved in (("1", True), ("1", True), ("0", False)):
        assert browse(ben).post(f"/comments/{thread.pk}/resolve", {"resolved": told}).status_code == 302
        thread.refresh_from_db()
        assert thread.is_resolved == resolved


@pytest.mark.parametrize("verb", ["edit", "delete", "resolve"])
def test_stranger_finds_no_comment(browse: Browse, thread: Comment, cat: User, verb: str) -> None:
    assert browse(cat).post(f"/comments/{thread.pk}/{verb}", {"text": "x"}).status_code == 404
    assert say(browse(cat), thread.item).status_code == 404


def test_note_comes_into_the_composer_and_the_new_job_leads_back(
    browse: Browse, item: Item, thread: Comment, ben: User, priced_project: Project
) -> None:
    page = browse(ben).get(f"/projects/dusk/?from={item.job_id}&note={thread.pk}").text
    assert f"{item.job.prompt}\n\nSlower here</textarea>" in page
    assert f'name="note" value="{thread.pk}"' in page
    browse(ben).post("/projects/dusk/generate", form(parent=str(item.job_id), note=str(thread.pk), prompt="Slower"))
    made = Job.objects.get(prompt="Slower")
    assert (made.parent, Remake.objects.get().job, Remake.objects.get().comment) == (item.job, made, thread)


def test_note_of_another_clip_is_passed_over(
    browse: Browse, thread: Comment, ben: User, priced_project: Project
) -> None:
    other = builders.item(priced_project, ben)
    page = browse(ben).get(f"/projects/dusk/?from={other.job_id}&note={thread.pk}").text
    assert "Slower here" not in page
    browse(ben).post("/projects/dusk/generate", form(parent=str(other.job_id), note=str(thread.pk)))
    assert not Remake.objects.exists()
