"""The bell, the list, read and unread, where a notice leads, and the page of choices; all only for oneself."""

import pytest
from django.utils import timezone

from generations.accounts.models import User
from generations.jobs import breaker
from generations.ledger import budgets
from generations.ledger.models import Budget, Currency
from generations.notices import reading
from generations.notices.models import Kind, Notice, NoticeChoice
from generations.projects import membership
from generations.projects.models import Membership, Project
from tests import builders
from tests.notices.conftest import failed, ready
from tests.web.conftest import Browse

PAGE, CHOICES, NEWS, MARK = "/notices/", "/account/notices/", "/notices/new", "/notices/mark"


def at(notice: Notice) -> str:
    return f"/notices/open?notice={notice.pk}"


@pytest.fixture
def notice(priced_project: Project, ben: User) -> Notice:
    """Ben's clip is ready."""
    ready(priced_project, ben, timezone.now(), prompt="A <i>heron</i> lifts off the lake at dawn")
    reading.read(timezone.now())
    return Notice.objects.get()


def test_bell_counts_and_the_page_tells(notice: Notice, ben: User, browse: Browse) -> None:
    page = browse(ben).get(PAGE)
    assert page.context["bell"].count == 1
    assert "“A &lt;i&gt;heron&lt;/i&gt; lifts off the lake…” is ready" in page.text


def test_notice_leads_to_its_thing_and_is_read_then(notice: Notice, ben: User, browse: Browse) -> None:
    browser = browse(ben)
    assert browser.head(at(notice)).status_code == 302
    assert Notice.objects.get().read_at is None
    assert browser.get(at(notice)).headers["Location"] == f"/jobs/{notice.job_id}/"
    assert Notice.objects.get().read_at is not None


def test_failure_says_why(priced_project: Project, ben: User, browse: Browse) -> None:
    failed(priced_project, ben, timezone.now(), said="the <sky> fell")
    reading.read(timezone.now())
    page = browse(ben).get(PAGE).text
    assert ("the &lt;sky&gt; fell" in page, "it costs nothing" in page) == (True, True)


def test_mark_says_whose_budget(priced_project: Project, ben: User, ann: User, browse: Browse) -> None:
    budget = budgets.budget_of(Budget.Scope.PROJECT, Currency.SBX, project=priced_project)
    budgets.set_limit(budget, 400_000, timezone.now())
    builders.job(priced_project, ben, now=timezone.now())
    reading.read(timezone.now())
    month = f"{timezone.now():%B}"
    assert f"80 % of Dusk&#x27;s SBX 0.40 for {month} is used" in browse(ann).get(PAGE).text


def test_read_and_unread_and_twice(notice: Notice, ben: User, browse: Browse) -> None:
    browser = browse(ben)
    states = []
    for read in ("1", "1", "0", "0"):
        browser.post(MARK, {"notice": str(notice.pk), "read": read})
        states.append(Notice.objects.get().read_at is not None)
    assert states == [True, True, False, False]


def test_all_are_read_up_to_what_the_page_knew(
    notice: Notice, priced_project: Project, ben: User, browse: Browse
) -> None:
    ready(priced_project, ben, timezone.now())
    reading.read(timezone.now())
    for _ in range(2):
        assert browse(ben).post("/notices/read", {"until": str(notice.pk)}).status_code == 302
    assert [row.read_at is None for row in Notice.objects.order_by("id")] == [False, True]


@pytest.mark.parametrize("until", ["", "x", "-1", "9" * 40])
def test_odd_until_is_harmless(notice: Notice, ben: User, browse: Browse, until: str) -> None:
    assert browse(ben).post("/notices/read", {"until": until}).status_code == 302


def test_only_unread_leaves_out_the_rest(notice: Notice, ben: User, browse: Browse) -> None:
    Notice.objects.update(read_at=timezone.now())
    assert "You have read everything." in browse(ben).get(f"{PAGE}?unread=1").text


def test_older_ones_are_on_the_next_page(notice: Notice, ben: User, browse: Browse) -> None:
    Notice.objects.bulk_create(
        Notice(user=ben, kind="ready", key=f"k{n}", at=notice.at, job=notice.job, on_page=True, in_browser=False)
        for n in range(55)
    )
    browser = browse(ben)
    page = browser.get(PAGE)
    older = browser.get(PAGE, {"before": page.context["before"]})
    seen = [line.notice.pk for shown in (page, older) for _, lines in shown.context["days"] for line in lines]
    assert (len(seen), len(set(seen)), older.context["before"]) == (56, 56, "")


@pytest.mark.parametrize("before", ["x", "2026-01-01_5", "2026-01-01T00:00:00+00:00_x"])
def test_odd_page_begins_at_the_top(notice: Notice, ben: User, browse: Browse, before: str) -> None:
    assert browse(ben).get(PAGE, {"before": before}).status_code == 200


def test_notice_of_another_one_is_nowhere(notice: Notice, ann: User, ada: User, browse: Browse) -> None:
    for person in (ann, ada):
        browser = browse(person)
        assert browser.get(at(notice)).status_code == 404
        assert browser.post(MARK, {"notice": str(notice.pk), "read": "1"}).status_code == 404


@pytest.mark.parametrize("number", ["", "x", "0", "9" * 30])
def test_no_notice_leads_to_the_list(ben: User, browse: Browse, number: str) -> None:
    browser = browse(ben)
    answers = [browser.get("/notices/open", {"notice": number}), browser.post(MARK, {"notice": number})]
    assert [answer.headers["Location"] for answer in answers] == [PAGE, PAGE]


def test_who_may_not_see_the_job_any_more_is_told_nothing(notice: Notice, ben: User, browse: Browse) -> None:
    membership.remove_member(Membership.objects.get(user=ben), timezone.now())
    browser = browse(ben)
    page = browser.get(PAGE)
    assert (page.context["bell"].count, "heron" in page.text) == (0, False)
    assert browser.get(at(notice)).status_code == 404
    assert browser.get(NEWS, {"after": "0", "count": "0"}).status_code == 204


def test_who_is_no_admin_any_more_sees_no_alert(ada: User, browse: Browse) -> None:
    breaker.open_for(True, "invalid key", timezone.now())
    reading.read(timezone.now())
    assert "invalid key" in browse(ada).get(PAGE).text
    User.objects.filter(pk=ada.pk).update(seat="")
    assert browse(ada).get(PAGE).context["bell"].count == 0


def test_news_are_told_once_and_then_nothing(notice: Notice, ben: User, browse: Browse) -> None:
    browser = browse(ben)
    news = browser.get(NEWS, {"after": "0", "count": "0"}).json()
    assert (news["count"], news["last"], [said["url"] for said in news["notices"]]) == (
        1,
        notice.pk,
        [at(notice)],
    )
    assert browser.get(NEWS, {"after": str(notice.pk), "count": "1"}).status_code == 204


@pytest.mark.parametrize("after", ["", "x", "-3", "9" * 40])
def test_odd_question_for_news_is_harmless(notice: Notice, ben: User, browse: Browse, after: str) -> None:
    assert browse(ben).get(NEWS, {"after": after, "count": "1"}).json()["last"] == notice.pk


def test_choices_are_kept_and_shown(ben: User, browse: Browse) -> None:
    browser = browse(ben)
    for _ in range(2):
        assert browser.post(CHOICES, {"ready": ["mail"], "asked": ["page", "browser"]}).status_code == 302
    row = NoticeChoice.objects.get(user=ben, kind=Kind.READY)
    assert (row.on_page, row.by_mail, row.in_browser) == (False, True, False)
    assert browser.get(CHOICES).context["rows"][0][1] == (False, True, False)


def test_only_admins_choose_about_alerts(ben: User, ada: User, browse: Browse) -> None:
    browse(ben).post(CHOICES, {"alert": ["page"]})
    assert not NoticeChoice.objects.filter(user=ben, kind=Kind.ALERT).exists()
    assert "Something is wrong with the studio" in browse(ada).get(CHOICES).text


@pytest.mark.parametrize("path", [MARK, "/notices/read"])
def test_actions_refuse_get(ben: User, browse: Browse, path: str) -> None:
    assert browse(ben).get(path).status_code == 405


@pytest.mark.parametrize("path", [PAGE, NEWS, "/notices/open"])
def test_pages_refuse_post(ben: User, browse: Browse, path: str) -> None:
    assert browse(ben).post(path).status_code == 405
