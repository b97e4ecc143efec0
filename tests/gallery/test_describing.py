"""Titles and tags, and what is found by them."""

import pytest

from generations.gallery import describing, search
from generations.gallery.query import read
from tests.gallery.conftest import Make

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("typed", "tags"),
    [("", []), (" , ,", []), ("Hero  shot, v2, hero shot", ["hero shot", "v2"]), ("<b>\0", ["<b>"])],
)
def test_tags_are_read(typed: str, tags: list[str]) -> None:
    assert describing.read_tags(typed) == tags


def test_described_item_is_found_by_title_and_tag_and_no_longer_by_the_old(make: Make) -> None:
    item = make(prompt="A heron")
    describing.describe(item, "  Opening   shot ", ["hero"])
    assert (item.heading, item.tags) == ("Opening shot", ["hero"])
    describing.describe(item, "", ["v2"])
    ids = [search.matching(read(typed), [], below=None, limit=9) for typed in ("opening", "hero", "v2", "heron")]
    assert ids == [[], [], [item.pk], [item.pk]]


def test_too_many_tags_change_nothing(make: Make) -> None:
    item = make()
    for tags in (["x" * 41], [str(at) for at in range(21)]):
        with pytest.raises(describing.TooMany):
            describing.describe(item, "New", tags)
    item.refresh_from_db()
    assert (item.title, item.tags) == ("", [])
