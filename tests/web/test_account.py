"""One's own account, and the theme."""

from generations.accounts.models import User
from tests.web.conftest import Browse


def test_name_and_theme_are_saved(ann: User, browse: Browse) -> None:
    browse(ann).post("/account/", {"name": "Ann L", "theme": "dark"})
    ann.refresh_from_db()
    assert (ann.name, ann.theme) == ("Ann L", "dark")


def test_unknown_theme_is_refused(ann: User, browse: Browse) -> None:
    assert browse(ann).post("/account/", {"name": "", "theme": "neon"}).status_code == 422
    assert browse(ann).post("/account/theme", {"theme": "neon"}).status_code == 400


def test_nothing_else_of_the_account_can_be_posted(ann: User, browse: Browse) -> None:
    browse(ann).post("/account/", {"name": "Ann", "theme": "", "seat": "admin", "email": "x@example.com"})
    ann.refresh_from_db()
    assert (ann.seat, ann.email) == ("", "ann@example.com")


def test_theme_is_kept_and_the_person_stays_where_they_were(ann: User, browse: Browse) -> None:
    browser = browse(ann)
    answer = browser.post("/account/theme", {"theme": "light", "next": "/projects/"})
    assert answer["Location"] == "/projects/"
    assert 'data-theme="light"' in browser.get("/projects/").text


def test_theme_sends_nobody_elsewhere(ann: User, browse: Browse) -> None:
    answer = browse(ann).post("/account/theme", {"theme": "light", "next": "https://evil.example/"})
    assert answer["Location"] == "/account/"


def test_theme_refuses_get(ann: User, browse: Browse) -> None:
    assert browse(ann).get("/account/theme").status_code == 405
