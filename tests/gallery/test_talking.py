"""Comments: said once, numbered, at times within the clip; threads, answers, people, clips made again."""

import pytest

from generations.accounts.models import User
from generations.gallery import talking
from generations.gallery.comments import Comment, Remake
from generations.gallery.models import Item
from generations.gallery.talking import NotSaid, Span
from generations.projects.models import Project
from tests import builders
from tests.builders import NOW
from tests.gallery.conftest import Make

pytestmark = pytest.mark.django_db


@pytest.fixture
def item(make: Make) -> Item:
    return make()


def said(item: Item, who: User, text: str = "Slower here", key: str = "k", **more: object) -> Comment:
    return talking.say(item, who, text, key=key, now=NOW, **more)  # type: ignore[arg-type]


def test_comment_is_counted_and_numbered(item: Item, vic: User) -> None:
    first, second = said(item, vic, key="1"), said(item, vic, key="2")
    item.refresh_from_db()
    assert (first.change, second.change, item.comment_count, talking.last_change(item)) == (1, 2, 2, 2)


def test_same_form_twice_is_one_comment(item: Item, vic: User) -> None:
    assert said(item, vic) == said(item, vic)
    item.refresh_from_db()
    assert (Comment.objects.count(), item.comment_count) == (1, 1)


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 4001])
def test_nothing_and_too_much_are_not_said(item: Item, vic: User, text: str) -> None:
    with pytest.raises(NotSaid):
        said(item, vic, text)


@pytest.mark.parametrize(
    ("start", "end", "kept"), [(0, None, (0, None)), (1000, 9000, (1000, 4000)), (4000, None, (4000, None))]
)
def test_time_lies_within_the_clip(item: Item, vic: User, start: int, end: int | None, kept: tuple[int, int]) -> None:
    comment = said(item, vic, span=Span(start, end))
    assert (comment.start_ms, comment.end_ms) == kept


@pytest.mark.parametrize(("start", "end"), [(9000, None), (2000, 2000), (2000, 1000)])
def test_time_outside_of_the_clip_is_refused(item: Item, vic: User, start: int, end: int | None) -> None:
    with pytest.raises(NotSaid):
        said(item, vic, span=Span(start, end))


def test_members_are_named_and_nobody_else(item: Item, ann: User, cat: User, vic: User) -> None:
    comment = said(item, vic, "@Ann and @cat and @ann, look")
    assert list(comment.people.all()) == [ann]
    assert [part.text for part in talking.threads_of(item)[0].said.parts if part.is_mention] == ["@Ann", "@ann"]


def test_edit_names_anew(item: Item, ann: User, ben: User, vic: User) -> None:
    comment = said(item, vic, "@Ann")
    talking.edit(comment, "@Ben", NOW)
    comment.refresh_from_db()
    assert (list(comment.people.all()), comment.text, comment.edited_at, comment.change) == ([ben], "@Ben", NOW, 2)


def test_withdrawn_thread_stays_only_for_its_answers(item: Item, ann: User, vic: User) -> None:
    thread = said(item, vic, "Private words", key="1")
    answer = said(item, ann, key="2", root=thread)
    talking.withdraw(thread, NOW)
    shown = talking.threads_of(item)
    assert ([each.comment.text for each in shown], len(shown[0].answers)) == ([""], 1)
    talking.withdraw(answer, NOW)
    item.refresh_from_db()
    assert (talking.threads_of(item), item.comment_count) == ([], 0)


def test_thread_is_resolved_and_opened_again(item: Item, ann: User, vic: User) -> None:
    thread = said(item, vic)
    talking.set_resolved(thread, True, ann, NOW)
    talking.set_resolved(thread, True, vic, NOW)  # pressed twice: the first stands
    thread.refresh_from_db()
    assert (thread.resolved_by, thread.is_resolved) == (ann, True)
    talking.set_resolved(thread, False, ann, NOW)
    thread.refresh_from_db()
    assert (thread.resolved_by, thread.is_resolved) == (None, False)


def test_threads_stand_by_their_time(item: Item, vic: User) -> None:
    for key, start in (("late", 3000), ("early", 100), ("whole", None)):
        said(item, vic, key, key=key, span=Span(start))
    assert [thread.comment.text for thread in talking.threads_of(item)] == ["whole", "early", "late"]


def test_new_clip_leads_back_to_the_thread(item: Item, vic: User, ben: User, priced_project: Project) -> None:
    thread = said(item, vic)
    job = builders.job(priced_project, ben, key="again")
    talking.link_remake(job, thread)
    talking.link_remake(job, thread)
    assert Remake.objects.get().comment == thread
    assert [remake.job for remake in talking.threads_of(item)[0].remakes] == [job]
