"""Items made of outputs: from events, once, whoever reads them; and who sees them."""

import pytest

from generations.accounts.models import User
from generations.gallery import shelving
from generations.gallery.models import Item, Reading, Shelf
from generations.jobs.models import Job, JobEvent, Output
from generations.projects.models import Project
from tests import builders
from tests.gallery.conftest import Make

pytestmark = pytest.mark.django_db


def test_item_says_what_its_job_was(priced_project: Project, ben: User) -> None:
    job = builders.ready_job(priced_project, ben, prompt="A heron lifts off", media=builders.clip(audio_codec="aac"))
    assert shelving.shelve_new() > 0
    item = Item.objects.get()
    told = (item.job, item.project, item.user, item.kind, item.resolution, item.seconds, item.has_sound, item.shelf)
    assert told == (job, priced_project, ben, "video", "480p", 4, True, Shelf.SHOWN)
    assert (item.cost_micros, item.heading) == (job.cost_micros, "A heron lifts off")


def test_reading_events_again_makes_no_second_item(priced_project: Project, ben: User) -> None:
    builders.ready_job(priced_project, ben)
    shelving.shelve_new()
    assert shelving.shelve_new() == 0
    Reading.objects.update(last_event_id=0)
    shelving.shelve_new()
    assert Item.objects.count() == 1


def test_unfinished_job_has_no_item_yet(priced_project: Project, ben: User) -> None:
    job = builders.running_job(priced_project, ben)
    Output.objects.create(job=job, created_at=builders.NOW)
    shelving.shelve_new()
    assert Item.objects.count() == 0


def test_output_that_no_event_told_of_is_found(priced_project: Project, ben: User) -> None:
    job = builders.ready_job(priced_project, ben)
    Reading.objects.update_or_create(name="shelving", defaults={"last_event_id": JobEvent.objects.latest("pk").pk})
    shelving.shelve_new()
    assert Item.objects.count() == 0
    assert shelving.shelve_missed(builders.NOW) == 1
    assert Item.objects.get().job == job


def test_cost_is_shared_among_the_outputs_of_a_job(priced_project: Project, ben: User) -> None:
    job = builders.ready_job(priced_project, ben)
    for position in (1, 2):
        Output.objects.create(job=job, position=position, media=builders.clip(), created_at=builders.NOW)
    shelving.shelve_new()
    costs = list(Item.objects.values_list("cost_micros", flat=True))
    assert (len(costs), sum(costs)) == (3, job.cost_micros)


def test_spare_that_comes_later_changes_what_the_first_bears(priced_project: Project, ben: User) -> None:
    job = builders.ready_job(priced_project, ben)
    shelving.shelve_new()
    Output.objects.create(job=job, position=1, media=builders.clip(), created_at=builders.NOW)
    Job.objects.filter(pk=job.pk).update(cost_micros=1001)
    assert shelving.shelve_missed(builders.NOW) == 1
    assert sorted(Item.objects.values_list("cost_micros", flat=True)) == [500, 501]


def test_sight_follows_membership(make: Make, ann: User, vic: User, cat: User, ada: User) -> None:
    item = make()
    sees = {person.name: list(Item.objects.visible_to(person)) == [item] for person in (ann, vic, cat, ada)}
    assert sees == {"Ann": True, "Vic": True, "Cat": False, "Ada": True}


def test_open_gallery_is_seen_by_the_whole_studio(make: Make, cat: User) -> None:
    item = make()
    Project.objects.update(gallery_open=True)
    assert list(Item.objects.visible_to(cat)) == [item]
    assert list(Output.objects.visible_to(cat)) == [item.output]
    assert not Project.objects.visible_to(cat).exists()
    cat.is_active = False
    assert not Item.objects.visible_to(cat).exists()
