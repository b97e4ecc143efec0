"""The pages of price lists: what changed, a month by another list, the relay's prices beside ours."""

import pytest
from django.utils import timezone

from generations.accounts.models import User
from generations.catalog.models import Price, PriceList
from generations.health import checks
from generations.projects.models import Project
from tests import builders, wakeups
from tests.jobs.test_duplicates import ready
from tests.web.conftest import Browse
from tests.web.test_spend import content, rows

PAGES = ["/spend/prices/", "/spend/prices/1/", "/spend/prices/1/replay/", "/spend/prices/1/replay/?as=csv"]


@pytest.fixture
def dearer(priced_project: Project) -> PriceList:
    """List 2: Seedance twice as dear, all other prices gone."""
    made = PriceList.objects.create(number=2, source="<b>by hand</b>")
    Price.objects.create(
        price_list=made, relay_model="doubao-seedance-2-0-480p", unit="per_million_tokens", amount_micros=17_500_000
    )
    return made


@pytest.mark.usefixtures("dearer")
@pytest.mark.parametrize("page", PAGES)
def test_only_who_looks_after_the_money_sees_prices(request: pytest.FixtureRequest, browse: Browse, page: str) -> None:
    statuses = {
        who: browse(request.getfixturevalue(who)).get(page).status_code for who in ("ada", "bill", "ann", "cat")
    }
    assert statuses == {"ada": 200, "bill": 200, "ann": 403, "cat": 403}
    assert browse(request.getfixturevalue("ada")).post(page).status_code == 405


@pytest.mark.usefixtures("dearer")
def test_lists_with_what_changed(bill: User, browse: Browse) -> None:
    page = browse(bill).get("/spend/prices/")
    assert [(made.number, changed) for made, changed in page.context["lists"]] == [
        (2, Price.objects.filter(price_list__number=1).count()),
        (1, None),
    ]
    assert "&lt;b&gt;by hand" in page.text
    assert len(page.context["unpriced"]) > 10


@pytest.mark.usefixtures("dearer")
def test_two_lists_are_compared_either_way(bill: User, browse: Browse) -> None:
    up = browse(bill).get("/spend/prices/2/").context["changes"]
    down = browse(bill).get("/spend/prices/1/?against=2").context["changes"]
    percents = {change.relay_model: change.percent for change in up if change.percent}
    assert percents == {"doubao-seedance-2-0-480p": 100.0}
    assert {change.percent for change in down if change.percent} == {-50.0}


@pytest.mark.parametrize("page", ["/spend/prices/9/", "/spend/prices/1/?against=x", "/spend/prices/9/replay/"])
def test_unknown_list_is_not_found(priced_project: Project, bill: User, browse: Browse, page: str) -> None:
    assert browse(bill).get(page).status_code == 404


def test_replay_says_what_the_month_would_have_cost(
    dearer: PriceList, priced_project: Project, ben: User, bill: User, browse: Browse
) -> None:
    cheap = PriceList.objects.get(number=1)
    PriceList.objects.filter(pk=dearer.pk).update(number=9)
    PriceList.objects.filter(pk=cheap.pk).update(number=10)  # in force while the jobs are asked for
    for _ in range(2):
        ready(builders.job(priced_project, ben, now=timezone.now()))
    ready(builders.job(priced_project, ben, now=timezone.now(), resolution="720p"))
    browser = browse(bill)
    page = browser.get("/spend/prices/9/replay/")
    ((_model, clips, unpriced, then, cost, now, more),) = [
        [cell.micros for cell in row] for row in page.context["table"].rows
    ]
    assert (clips, unpriced, then, cost, now, more) == (None, None, 672_526, 672_526, 1_345_050, 672_524)
    texts = [cell.text for cell in page.context["table"].foot]
    assert texts[:3] == ["Sum", "2", "1"]
    assert rows(content(browser.get(page.context["csv"])))[1:] == [
        [cell.raw for cell in line] for line in page.context["table"].lines
    ]


def test_chosen_list_leads_to_its_page(priced_project: Project, bill: User, browse: Browse) -> None:
    answer = browse(bill).get("/spend/prices/replay?list=1&month=2026-10")
    assert answer["Location"] == "/spend/prices/1/replay/?month=2026-10"
    assert browse(bill).get("/spend/prices/replay?list=x").status_code == 404


def test_differences_are_shown_and_the_buttons_wake_a_worker(
    priced_project: Project, bill: User, browse: Browse
) -> None:
    checks.record("prices", ["changed price of <i>x</i>"], timezone.now())
    browser = browse(bill)
    assert "changed price of &lt;i&gt;x" in browser.get("/spend/prices/").text
    wakeups.take()
    for path in ("compare", "take"):
        assert browser.post(f"/spend/prices/{path}").status_code == 302
        assert browser.get(f"/spend/prices/{path}").status_code == 405
    assert {wake.task for wake in wakeups.take()} == {"compare_prices", "take_prices"}


@pytest.mark.parametrize(("who", "sees"), [("bill", True), ("ada", True), ("ann", False)])
def test_billing_is_told_on_every_page_and_by_mail(
    priced_project: Project,
    request: pytest.FixtureRequest,
    browse: Browse,
    mailoutbox: list[object],
    who: str,
    sees: bool,
) -> None:
    person = request.getfixturevalue(who)
    wakeups.take()
    for _ in range(2):
        checks.record("prices", ["changed price of x"], timezone.now())
    for wake in wakeups.take():
        wake.run()
    assert ("changed price of x" in browse(person).get("/account/").text) is sees
    assert len(mailoutbox) == sees
