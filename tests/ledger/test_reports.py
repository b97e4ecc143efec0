"""What the chart shows: the dearest each in a column, all others together, days without a charge too."""

import datetime as dt

from generations.accounts.models import User
from generations.ledger import reports
from generations.ledger.models import Currency, SpendDay
from generations.projects.models import Project

DAY = dt.date(2026, 11, 22)


def test_what_is_not_among_the_dearest_is_summed_up(project: Project, ada: User) -> None:
    for number in range(reports.SERIES + 2):
        cost = {"charges": 1, "spent_micros": 1000 - number}
        SpendDay.objects.create(day=DAY, currency="SBX", project=project, user=ada, model=f"model {number}", **cost)
    wanted = reports.Wanted(user=ada, currency=Currency.SBX, first=DAY - reports.DAY, last=DAY)
    stack = reports.stack(wanted, "model")
    assert (stack.has_others, len(stack.keys)) == (True, reports.SERIES)
    others = sum(1000 - number for number in (reports.SERIES, reports.SERIES + 1))
    (_, empty, nothing), (_, columns, whole) = stack.rows
    assert (empty, nothing, columns[-1], whole) == ([0] * (reports.SERIES + 1), 0, others, sum(columns))
