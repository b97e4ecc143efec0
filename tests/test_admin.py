"""The records: admins look at every row of every room; nobody changes one, and no secret is shown."""

import re
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import Settings

from generations import models
from generations.accounts.models import User
from generations.admin import RecordsSite, is_secret, site
from generations.projects.models import Project
from tests.web.conftest import Browse
from tests.web.conftest import browse as browse
from tests.web.ground import ground

LISTS = [f"/admin/generations/{name.lower()}/" for name in models.__all__]


@pytest.fixture
def land(priced_project: Project, ann: User, ben: User, vic: User, cat: User, ada: User, bill: User) -> None:
    ground(priced_project, ann=ann, ben=ben, vic=vic, cat=cat, ada=ada, bill=bill)


def patterns(resolver: URLResolver) -> list[URLPattern]:
    found = []
    for pattern in resolver.url_patterns:
        found += patterns(pattern) if isinstance(pattern, URLResolver) else [pattern]
    return found


def ours() -> list[URLPattern]:
    (resolver,) = [one for one in get_resolver().url_patterns if getattr(one, "namespace", "") == "admin"]
    assert isinstance(resolver, URLResolver)
    return patterns(resolver)


def test_every_list_and_row_is_shown(land: None, ada: User, browse: Browse) -> None:
    browser = browse(ada)
    for path in ["/admin/", "/admin/generations/", "/admin/jsi18n/", *LISTS]:
        answer = browser.get(path)
        assert answer.status_code == 200, path
        for row in set(re.findall(rf'href="({path}[^"/]+/change/)', answer.text)):
            assert browser.get(row).status_code == 200, row


def test_rows_are_there_to_be_seen(land: None, ada: User, browse: Browse) -> None:
    page = browse(ada).get("/admin/generations/entry/").text
    assert len(re.findall(r'href="/admin/generations/entry/\d+/change/', page)) > 0


def test_no_address_adds_changes_or_deletes() -> None:
    names = {re.sub(r"^generations_[a-z]+_", "", str(pattern.name)) for pattern in ours()}
    assert names == {"index", "jsi18n", "app_list", "changelist", "change"}


def test_nothing_can_be_sent_to_any_address(land: None, ada: User, browse: Browse) -> None:
    browser, job = browse(ada), models.Job.objects.order_by("created_at").first()
    assert job
    entry = models.Entry.objects.order_by("pk").first()
    assert entry
    rows = [f"/admin/generations/job/{job.pk}/change/", f"/admin/generations/entry/{entry.pk}/change/"]
    for path in ["/admin/", *LISTS, *rows]:
        for method in ("post", "put", "patch", "delete"):
            assert getattr(browser, method)(path, {"action": "delete_selected"}).status_code == 405, path


@pytest.mark.parametrize("name", models.__all__)
def test_no_record_can_be_changed(ada: User, name: str) -> None:
    """The second wall, should an address ever come back."""
    records, asked = site.get_model_admin(getattr(models, name)), type("Asked", (), {"user": ada})()
    may = (records.has_add_permission, records.has_change_permission, records.has_delete_permission)
    assert [ask(asked) for ask in may] == [False, False, False]
    assert set(records.readonly_fields) == set(records.fields or ())


@pytest.mark.parametrize("who", ["ann", "ben", "vic", "bill", "cat"])
def test_other_seats_are_refused(land: None, request: pytest.FixtureRequest, browse: Browse, who: str) -> None:
    browser = browse(request.getfixturevalue(who))
    assert {browser.get(path).status_code for path in ["/admin/", "/admin/generations/", *LISTS]} == {403}


def test_admin_without_the_second_factor_that_is_demanded_sees_nothing(
    ada: User, browse: Browse, settings: Settings
) -> None:
    settings.REQUIRE_MFA = True
    assert {browse(ada).get(path).status_code for path in ["/admin/", *LISTS]} == {302}
    assert not site.has_permission(type("Asked", (), {"user": ada})())


def test_who_is_signed_out_goes_to_our_own_sign_in(db: None) -> None:
    for path in ("/admin/", "/admin/generations/user/", "/admin/generations/user/1/change/"):
        assert Client().get(path).headers["Location"] == f"/accounts/login/?next={path}"
    assert Client().get("/admin/login/").status_code == 404


def test_no_secret_is_shown(land: None, ada: User, browse: Browse) -> None:
    attempt = models.Attempt.objects.exclude(token_hash=None).first()
    assert attempt
    assert attempt.token_hash
    pages = [f"/admin/generations/user/{ada.pk}/change/", f"/admin/generations/attempt/{attempt.pk}/change/", *LISTS]
    shown = "".join(browse(ada).get(path).text for path in pages)
    assert (ada.email in shown, ada.password in shown, attempt.token_hash in shown) == (True, False, False)


def test_secrets_are_known_by_their_names() -> None:
    fields = {f"{name}.{field.name}" for name in models.__all__ for field in secret_fields(name)}
    assert {"User.password", "Attempt.token_hash", "Invitation.token_hash", "ShareLink.token_hash"} <= fields
    assert "Proposal.prompt_tokens" not in fields


def secret_fields(name: str) -> list[Any]:
    return [field for field in getattr(models, name)._meta.concrete_fields if is_secret(field)]


def test_pages_keep_to_the_policy_of_all_others(land: None, ada: User, browse: Browse, settings: Settings) -> None:
    for path in ("/admin/", "/admin/generations/job/"):
        answer = browse(ada).get(path)
        assert "script-src 'self';" in answer.headers["Content-Security-Policy"]
        assert re.findall(r"<style|style=\"|<script(?![^>]*src=)| on[a-z]+=\"", answer.text) == []


def test_prompt_with_markup_stays_text(land: None, ada: User, browse: Browse) -> None:
    models.Job.objects.update(prompt="<script>alert(1)</script>")
    job = models.Job.objects.first()
    assert job
    page = browse(ada).get(f"/admin/generations/job/{job.pk}/change/").text
    assert ("<script>alert" in page, "&lt;script&gt;alert" in page) == (False, True)


def test_site_is_the_only_one() -> None:
    assert isinstance(site, RecordsSite)
    assert not admin.site._registry
