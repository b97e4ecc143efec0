"""Templates kept in their place, under one name each; and recent prompts."""

from __future__ import annotations

import datetime as dt

import pytest

from generations.accounts.models import User
from generations.projects.models import Project
from generations.starts import templates
from generations.starts.models import Template
from tests import builders
from tests.builders import NOW

FIELDS = {"prompt": "A {{subject}} at dusk", "model": "seedance-2.0", "seconds": "5", "tray": "image1:x", "seed": ""}


def test_template_is_usable_where_it_was_kept(project: Project, ben: User, cat: User) -> None:
    other = builders.project("Other", manager=cat)
    own = templates.keep(name="Dusk", fields=FIELDS, project=project, user=ben, now=NOW)
    everywhere = templates.keep(name="Dusk", fields=FIELDS, project=None, user=ben, now=NOW)
    assert set(Template.objects.usable_in(project)) == {own, everywhere}
    assert set(Template.objects.usable_in(other)) == {everywhere}
    assert (own.fields["tray"], "tray" in everywhere.fields, "seed" in own.fields) == ("image1:x", False, False)


@pytest.mark.parametrize("is_of_studio", [False, True])
def test_name_is_taken_once_in_its_place(project: Project, ben: User, is_of_studio: bool) -> None:
    place = None if is_of_studio else project
    kept = [templates.keep(name=name, fields=FIELDS, project=place, user=ben, now=NOW) for name in ("Dusk", "Dawn")]
    with pytest.raises(templates.NameTaken):
        templates.keep(name="Dusk", fields=FIELDS, project=place, user=ben, now=NOW)
    with pytest.raises(templates.NameTaken):
        templates.rename(kept[1], "Dusk")


def test_template_begins_a_composer_with_its_blanks_filled(project: Project, ben: User) -> None:
    kept = templates.keep(name="Dusk", fields=FIELDS, project=project, user=ben, now=NOW)
    begun = templates.begun(project, {"template": str(kept.pk), "blank-subject": "fox"})
    assert (begun["prompt"], begun["seconds"]) == ("A fox at dusk", "5")
    assert templates.begun(project, {"template": "x"}) == {}


def test_recent_prompts_are_ones_own_each_once(priced_project: Project, ben: User, ann: User) -> None:
    for number, (user, prompt) in enumerate([(ben, "One"), (ben, "Two"), (ann, "Hers"), (ben, "One")]):
        builders.job(priced_project, user, prompt=prompt, now=NOW + dt.timedelta(minutes=number))
    assert [job.prompt for job in templates.recent(priced_project, ben)] == ["One", "Two"]
