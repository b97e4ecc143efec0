"""Every action: wrong method 405, signed out to the sign-in, stranger 404, low role 403."""

import uuid

import pytest
from django.test import Client

from generations.accounts.models import User
from generations.jobs.models import Job
from generations.projects.models import Membership, Project
from tests import builders
from tests.web.conftest import HTMX, Browse, form

BOARD = "/projects/dusk/"
SETTINGS = "/projects/dusk/settings/"
READS = [BOARD, f"{BOARD}poll", SETTINGS]
MEMBER_POSTS = [f"{BOARD}generate", f"{BOARD}estimate", f"{BOARD}model"]
MANAGER_POSTS = [f"{SETTINGS}{name}" for name in ("name", "limit", "archive", "members")]
MEMBER_JOB_POSTS = ["cancel", "retry"]
ADMIN_POSTS = ["/people/{id}/seat", "/people/{id}/switch"]


@pytest.fixture
def job(priced_project: Project, ben: User) -> Job:
    return builders.job(priced_project, ben)


@pytest.mark.parametrize("path", [*MEMBER_POSTS, *MANAGER_POSTS, f"{SETTINGS}members/1", f"{SETTINGS}members/1/remove"])
def test_post_address_refuses_get(priced_project: Project, ann: User, browse: Browse, path: str) -> None:
    answer = browse(ann).get(path)
    assert (answer.status_code, "Nothing to see" in answer.text) == (405, True)


@pytest.mark.parametrize("path", [*READS, "/healthz", "/"])
def test_page_refuses_post(priced_project: Project, ann: User, browse: Browse, path: str) -> None:
    assert browse(ann).post(path).status_code == 405


@pytest.mark.parametrize("name", MEMBER_JOB_POSTS)
def test_job_action_refuses_get(job: Job, ben: User, browse: Browse, name: str) -> None:
    assert browse(ben).get(f"/jobs/{job.pk}/{name}").status_code == 405


@pytest.mark.parametrize("path", [*READS, *MEMBER_POSTS, *MANAGER_POSTS])
def test_stranger_finds_nothing(priced_project: Project, cat: User, browse: Browse, path: str) -> None:
    browser = browse(cat)
    answer = browser.get(path) if path in READS else browser.post(path, form())
    assert answer.status_code == 404


@pytest.mark.parametrize("name", ["", "poll", *MEMBER_JOB_POSTS])
def test_stranger_finds_no_job(job: Job, cat: User, browse: Browse, name: str) -> None:
    browser, path = browse(cat), f"/jobs/{job.pk}/{name}"
    answer = browser.post(path) if name in MEMBER_JOB_POSTS else browser.get(path)
    assert answer.status_code == 404


def test_unknown_and_strange_job_look_alike(job: Job, cat: User, browse: Browse) -> None:
    browser = browse(cat)
    strange, unknown = browser.get(f"/jobs/{job.pk}/"), browser.get(f"/jobs/{uuid.uuid4()}/")
    assert strange.content == unknown.content


@pytest.mark.parametrize("path", [*MEMBER_POSTS, *MANAGER_POSTS])
def test_viewer_may_not(priced_project: Project, vic: User, browse: Browse, path: str) -> None:
    assert browse(vic).post(path, form()).status_code == 403


@pytest.mark.parametrize("name", MEMBER_JOB_POSTS)
def test_viewer_may_not_act_on_a_job(job: Job, vic: User, browse: Browse, name: str) -> None:
    assert browse(vic).post(f"/jobs/{job.pk}/{name}").status_code == 403


@pytest.mark.parametrize("path", MANAGER_POSTS)
def test_member_may_not_manage(priced_project: Project, ben: User, browse: Browse, path: str) -> None:
    assert browse(ben).post(path).status_code == 403


def test_member_may_not_see_the_settings(priced_project: Project, ben: User, browse: Browse) -> None:
    assert browse(ben).get(SETTINGS).status_code == 403


def test_billing_seat_only_watches_whatever_its_role(priced_project: Project, bill: User, browse: Browse) -> None:
    Membership.objects.create(project=priced_project, user=bill, role="manager")
    assert browse(bill).post(f"{BOARD}generate", form()).status_code == 403
    assert not Job.objects.exists()
    assert browse(bill).get(BOARD).status_code == 200


@pytest.mark.parametrize("path", ["/people/", *ADMIN_POSTS])
def test_only_an_admin_sees_people(ann: User, ben: User, browse: Browse, path: str) -> None:
    assert browse(ann).post(path.format(id=ben.pk), {"active": "0", "seat": "admin"}).status_code == 403
    ben.refresh_from_db()
    assert (ben.is_active, ben.seat) == (True, "")


def test_admin_is_a_manager_everywhere(priced_project: Project, ada: User, browse: Browse) -> None:
    browser = browse(ada)
    assert browser.get(SETTINGS).status_code == 200
    assert browser.post(f"{BOARD}generate", form()).status_code == 302


@pytest.mark.parametrize("path", ["/", *READS, "/people/", "/account/"])
def test_signed_out_goes_to_the_sign_in(priced_project: Project, client: Client, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/accounts/login/")


def test_signed_out_poll_sends_the_whole_page_to_the_sign_in(priced_project: Project, client: Client) -> None:
    answer = client.get(f"{BOARD}poll", headers=HTMX | {"HX-Current-URL": f"http://testserver{BOARD}"})
    assert answer["HX-Redirect"] == "/accounts/login/?next=%2Fprojects%2Fdusk%2F"


def test_switched_off_person_sees_nothing(priced_project: Project, ben: User, browse: Browse) -> None:
    browser = browse(ben)
    User.objects.filter(pk=ben.pk).update(is_active=False)
    assert browser.get(BOARD).status_code == 302


def test_post_without_token_is_refused_in_our_words(priced_project: Project, ann: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ann, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = browser.post(f"{BOARD}generate", form())
    assert answer.status_code == 403
    assert "This form has grown old" in answer.text
