"""Where one is signed in: seen, ended one by one, everywhere else, by an admin, and after twelve idle hours."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client
from django.utils import timezone

from generations.accounts.models import AuditEvent, User
from generations.accounts.sessions import Seen
from tests.web.conftest import HTMX, Browse


def is_in(browser: Client) -> bool:
    return browser.get("/account/").status_code == 200


def away(browser: Client, **length: float) -> None:
    """As if its person had last done something that long ago."""
    is_in(browser)
    session = browser.session
    session["seen"] |= {"at": (timezone.now() - dt.timedelta(**length)).isoformat()}
    session.save()


def test_sessions_are_shown_with_address_and_browser(ann: User, browse: Browse) -> None:
    browser, other = browse(ann), browse(ann)
    other.get("/account/", headers={"User-Agent": "Lynx <b>2</b>"})
    assert is_in(browser)
    page = browser.get("/account/").text
    assert "Lynx &lt;b&gt;2" in page
    assert (page.count("this one"), page.count("127.0.0.1")) == (1, 3)  # once more on the button
    assert str(browser.session.session_key) not in page


@pytest.mark.parametrize(
    ("agent", "title"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) AppleWebKit/605 Version/18 Safari/605", "Safari on macOS"),
        ("curl/8.5", "curl/8.5"),
    ],
)
def test_browser_is_named_in_short(agent: str, title: str) -> None:
    assert Seen("x", None, "", agent, False).title == title


def test_one_session_is_ended_and_twice_is_harmless(ann: User, browse: Browse) -> None:
    browser, other = browse(ann), browse(ann)
    assert is_in(other)
    path = re.search(r"/account/sessions/\w{32}/end", browser.get("/account/").text)
    assert path
    assert [browser.post(path[0]).status_code for _ in range(2)] == [302, 302]
    assert (is_in(browser), is_in(other)) == (True, False)


def test_nobody_ends_the_session_of_another(ann: User, cat: User, browse: Browse) -> None:
    browser, other = browse(ann), browse(ann)
    path = re.search(r"/account/sessions/\w{32}/end", browser.get("/account/").text)
    assert path
    browse(cat).post(path[0])
    assert is_in(other)


def test_everywhere_else_is_ended(ann: User, ben: User, browse: Browse) -> None:
    browser, other, bens = browse(ann), browse(ann), browse(ben)
    browser.post("/account/sessions/end")
    assert (is_in(browser), is_in(other), is_in(bens)) == (True, False, True)
    assert AuditEvent.objects.get().action == "person.signed_out"


def test_admin_signs_somebody_out_everywhere_but_not_themselves(ada: User, ben: User, browse: Browse) -> None:
    admin, bens = browse(ada), browse(ben)
    assert admin.post(f"/people/{ben.pk}/sign-out").status_code == 302
    assert (is_in(admin), is_in(bens)) == (True, False)
    assert admin.post(f"/people/{ada.pk}/sign-out").status_code == 403


@pytest.mark.parametrize(("hours", "stays"), [(11.9, True), (12.1, False)])
def test_idle_session_ends(ann: User, browse: Browse, hours: float, stays: bool) -> None:
    browser = browse(ann)
    away(browser, hours=hours)
    assert is_in(browser) is stays


def test_page_that_asks_by_itself_keeps_nobody_signed_in(priced_project: object, ann: User, browse: Browse) -> None:
    browser = browse(ann)
    away(browser, hours=11)
    seen = browser.session["seen"]
    assert browser.get("/projects/dusk/poll", headers=HTMX).status_code in {200, 204}
    assert browser.session["seen"] == seen
    assert is_in(browser)
    assert browser.session["seen"] != seen


def test_stolen_cookie_opens_nothing_after_signing_out(ann: User, browse: Browse) -> None:
    browser, thief = browse(ann), Client()
    thief.cookies["sessionid"] = browser.cookies["sessionid"].value
    assert is_in(thief)
    browser.post("/accounts/logout/")
    assert not is_in(thief)
