"""The relay's list beside ours: told once, taken over when somebody says so; what two lists differ in."""

import httpx
import pytest

from generations.accounts.models import AuditEvent, User
from generations.catalog import comparing
from generations.catalog.models import Price, PriceList
from generations.health.models import Alert, Check
from generations.jobs.models import Job
from generations.projects.models import Project
from generations.relay.client import Relay
from tests import builders
from tests.builders import NOW

MODEL = "doubao-seedance-2-0-480p"


def saying(*rows: dict[str, object], status: int = 200) -> Relay:
    return builders.answering(*[builders.relay_says({"success": True, "data": list(rows)}, status)] * 3)


def per_million(dollars: float) -> dict[str, object]:
    return {"model_name": MODEL, "quota_type": 0, "model_ratio": dollars / 2, "completion_ratio": 1}


def check() -> Check:
    return Check.objects.get(pk="prices")


@pytest.mark.usefixtures("priced_project")
def test_same_prices_are_no_difference() -> None:
    comparing.compare(saying(per_million(8.75)), NOW)
    assert (check().problems, Alert.objects.count()) == ([], 0)


@pytest.mark.usefixtures("priced_project")
def test_difference_is_told_once_and_taken_back_when_it_is_over() -> None:
    for _ in range(2):
        comparing.compare(saying(per_million(10)), NOW)
    assert check().problems == [
        f"changed price of {MODEL}: 8.75 USD per million tokens -> 10.00 USD per million tokens"
    ]
    assert [alert.key for alert in Alert.objects.filter(cleared_at=None)] == ["prices"]
    comparing.compare(saying(per_million(8.75)), NOW)
    assert Alert.objects.filter(cleared_at=None).count() == 0
    assert PriceList.objects.count() == 1


@pytest.mark.usefixtures("priced_project")
@pytest.mark.parametrize("answer", [httpx.ConnectError("away"), builders.relay_says({"success": False})])
def test_relay_that_gives_no_list_changes_nothing(answer: httpx.Response | Exception) -> None:
    comparing.compare(saying(per_million(10)), NOW)
    comparing.compare(builders.answering(answer), NOW)
    assert check().summary.startswith("The relay gave no price list")
    assert len(check().problems) == 1


def test_taken_prices_are_a_new_list_once_and_leave_jobs_alone(priced_project: Project, bill: User, ben: User) -> None:
    job = builders.job(priced_project, ben)
    comparing.compare(saying(per_million(10)), NOW)
    for _ in range(2):
        comparing.take(saying(per_million(10)), bill, NOW)
    assert (PriceList.objects.count(), check().problems, Alert.objects.filter(cleared_at=None).count()) == (2, [], 0)
    assert Job.objects.get(pk=job.pk).price.price_list.number == 1
    assert list(AuditEvent.objects.filter(action="prices.taken").values_list("actor__name", flat=True)) == ["Bill"]


@pytest.mark.usefixtures("db")
def test_changes_between_two_lists() -> None:
    old, new = (PriceList.objects.create(number=number, source="test") for number in (1, 2))
    unit = "per_second"
    for name, before, after in (("gone", 5, None), ("same", 5, 5), ("up", 100, 150), ("new", None, 7)):
        for made, amount in ((old, before), (new, after)):
            if amount is not None:
                Price.objects.create(price_list=made, relay_model=name, unit=unit, amount_micros=amount)
    found = [(change.relay_model, change.percent) for change in comparing.changes(old, new)]
    assert found == [("gone", None), ("new", None), ("up", 50.0)]
    assert [change.relay_model for change in comparing.changes(None, old)] == ["gone", "same", "up"]
