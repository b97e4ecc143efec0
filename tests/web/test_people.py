"""The people of the studio."""

import re

from django.test import Client

from generations.accounts.models import User
from tests.web.conftest import Browse


def test_person_is_added_with_a_password_shown_once(ada: User, browse: Browse, client: Client) -> None:
    page = browse(ada).post("/people/", {"email": "Dan@Example.com", "name": "Dan", "seat": ""}).text
    shown = re.search(r"<code>([a-z0-9-]{23})</code>", page)
    assert shown
    assert shown[1] not in browse(ada).get("/people/").text
    client.post("/accounts/login/", {"login": "dan@example.com", "password": shown[1]})
    assert client.get("/projects/").status_code == 200


def test_taken_address_is_refused(ada: User, ann: User, browse: Browse) -> None:
    answer = browse(ada).post("/people/", {"email": "ANN@example.com", "name": "", "seat": ""})
    assert answer.status_code == 422
    assert User.objects.count() == 2


def test_switching_off_ends_every_session_and_twice_is_harmless(ada: User, ben: User, browse: Browse) -> None:
    browser = browse(ben)
    for _ in range(2):
        browse(ada).post(f"/people/{ben.pk}/switch", {"active": "0"})
    assert browser.get("/account/").status_code == 302
    browse(ada).post(f"/people/{ben.pk}/switch", {"active": "1"})
    assert browser.get("/account/").status_code == 302  # the old session stays ended
    assert browse(ben).get("/account/").status_code == 200


def test_seat_is_changed(ada: User, ben: User, browse: Browse) -> None:
    browse(ada).post(f"/people/{ben.pk}/seat", {"seat": "billing"})
    ben.refresh_from_db()
    assert ben.seat == "billing"


def test_unknown_seat_changes_nothing(ada: User, ben: User, browse: Browse) -> None:
    browse(ada).post(f"/people/{ben.pk}/seat", {"seat": "king"})
    ben.refresh_from_db()
    assert ben.seat == ""


def test_nobody_switches_themselves_off_or_gives_up_their_seat(ada: User, browse: Browse) -> None:
    assert browse(ada).post(f"/people/{ada.pk}/switch", {"active": "0"}).status_code == 403
    assert browse(ada).post(f"/people/{ada.pk}/seat", {"seat": ""}).status_code == 403


def test_unknown_person_is_not_found(ada: User, browse: Browse) -> None:
    assert browse(ada).post("/people/999/switch", {"active": "0"}).status_code == 404
