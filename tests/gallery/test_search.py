"""Full text, the same on SQLite and PostgreSQL: words, people, tags; nothing typed breaks out of the question."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generations.accounts.models import User
from generations.gallery import search
from generations.gallery.models import Item
from generations.gallery.query import Query, read, tokens
from generations.projects.models import Project
from tests import builders
from tests.gallery.conftest import Make

pytestmark = pytest.mark.django_db

WORDS = ["dusk", "walk", "harbour", "heron", "lake", "rain"]
PROMPTS = ["Dusk walk over the harbour", "A heron on the lake", "Rain on the lake at dusk", "Harbour rain, heron"]


def found(typed: str, *marks: list[str]) -> list[str]:
    ids = search.matching(read(typed), marks, below=None, limit=50)
    return [Item.objects.get(pk=pk).job.prompt for pk in ids]


def test_words_phrases_or_and_not(make: Make) -> None:
    for prompt in PROMPTS:
        make(prompt=prompt)
    dusk, heron, rain, harbour = PROMPTS
    assert found("lake") == [rain, heron]
    assert found('"dusk walk"') == [dusk]
    assert found("walk OR heron") == [harbour, heron, dusk]
    assert found("harbour -rain") == [dusk]
    assert found("-lake") == [harbour, dusk]
    assert found("harb*") == [harbour, dusk]


def test_title_and_tags_are_found_once_they_are_indexed(make: Make) -> None:
    item = make(prompt="A heron")
    Item.objects.update(title="Übergang", tags=["hero shot", "v2"])
    search.index([item])
    assert [found("ubergang"), found('"hero shot"'), found('"shot v2"')] == [["A heron"], ["A heron"], []]


def test_people_are_found_by_their_name(make: Make, priced_project: Project, ann: User) -> None:
    make(prompt="Of ben")
    builders.item(priced_project, ann, prompt="Of ann")
    assert found("ann") == ["Of ann"]
    ann.name = "Joan"
    ann.save()
    assert [found("joan"), found("-joan")] == [["Of ann"], ["Of ben"]]


def test_marks_keep_other_projects_out_and_can_not_be_typed(make: Make) -> None:
    item = make(prompt="A heron")
    assert found("heron", [f"p{item.project_id}"]) == ["A heron"]
    assert found("heron", ["p0"]) == []
    assert found(f"p{item.project_id}") == found("all") == found("|all") == []


def fits(query: Query, item: Item) -> bool:
    words = tokens(item.job.prompt)
    wanted = all(any(term.is_in(words) for term in clause) for clause in query.clauses)
    return wanted and not any(term.is_in(words) for term in query.without)


SIGNS = [*WORDS, "OR", "-", '"', "*", "'", "(", ")", ":", "NEAR", "AND", "NOT", "title", "{", "\\", "&", "|", "!", " "]
typed_texts = st.lists(st.sampled_from(SIGNS) | st.text(max_size=4), max_size=10).map(" ".join) | st.text(max_size=30)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
@given(typed=typed_texts)
def test_database_finds_what_python_finds_whatever_is_typed(make: Make, typed: str) -> None:
    items = list(Item.objects.for_tile()) or [make(prompt=prompt) for prompt in PROMPTS]
    expected = {item.pk for item in items if fits(read(typed), item)}
    assert set(search.matching(read(typed), [], below=None, limit=50)) == expected
