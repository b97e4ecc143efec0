"""SpendDay: equal to the entries to the micro-dollar, kept as they come or made anew."""

import contextlib
import datetime as dt
import random

from django.db import transaction
from django.db.models import Sum
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from generations.accounts.models import User
from generations.ledger import adjustments, budgets, days, holds, reports
from generations.ledger.models import Account, Currency, Entry, Hold, SpendDay
from generations.projects.models import Project
from tests import builders

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
JOBS = 10_000
FIELDS = [field.name for field in SpendDay._meta.concrete_fields if field.name != "id"]


def kept() -> set[tuple[object, ...]]:
    return set(SpendDay.objects.values_list(*FIELDS))


class DaysTest(TestCase):
    def setUp(self) -> None:
        self.ann, self.ben = builders.user("ann"), builders.user("ben")
        self.dusk = builders.project("Dusk", manager=self.ann, member=self.ben)

    @settings(max_examples=25, deadline=None)
    @given(
        st.lists(
            st.tuples(
                st.booleans(),
                st.integers(1, 3_000_000),
                st.one_of(st.none(), st.integers(0, 5_000_000)),
                st.integers(0, 3),
            ),
            max_size=8,
        )
    )
    def test_days_kept_as_they_come_are_those_made_anew(self, charges: list[tuple[bool, int, int | None, int]]) -> None:
        budgets.set_project_limit(self.dusk, Currency.USD, 9_000_000, NOW)
        for is_ann, amount, cost, later in charges:
            try:
                hold = self._hold(self.ann if is_ann else self.ben, amount, later)
            except budgets.OverBudget:
                continue
            with transaction.atomic():
                at = NOW + dt.timedelta(days=later)
                holds.release(hold, at) if cost is None else holds.charge(hold, cost, at)
        before = kept()
        days.rebuild()
        assert kept() == before

    def _hold(self, user: User, amount_micros: int, later: int) -> Hold:
        kind = {"model": "seedance-2.0", "resolution": ["480p", "720p"][later % 2]}
        with transaction.atomic():
            return holds.place_hold(
                project=self.dusk, user=user, currency=Currency.USD, amount_micros=amount_micros, now=NOW, **kind
            )


def generate(projects: list[Project], users: list[User]) -> None:
    """JOBS holds with their entries, drawn from a seed: charged below, at and above the estimate, or released."""
    draw = random.Random(7)
    pots = {}
    for project in projects:
        for kind in Account.Kind:
            pots[project, kind] = Account.objects.create(project=project, kind=kind, currency=Currency.USD)
    made = [_hold(draw, projects, users) for _ in range(JOBS)]
    Hold.objects.bulk_create(made, batch_size=1000)
    Entry.objects.bulk_create(
        [
            Entry(
                hold=hold,
                kind=kind,
                source=pots[hold.project, holds.PATHS[kind][0]],
                target=pots[hold.project, holds.PATHS[kind][1]],
                currency=hold.currency,
                amount_micros=amount,
                at=at,
            )
            for hold in made
            for kind, amount, at in _moves(hold, draw)
        ],
        batch_size=1000,
    )


def _hold(draw: random.Random, projects: list[Project], users: list[User]) -> Hold:
    placed = NOW - dt.timedelta(seconds=draw.randrange(80 * 86400))
    estimate = draw.randrange(1, 5_000_000)
    cost = draw.choice([None, estimate, draw.randrange(0, estimate), estimate + draw.randrange(1, 1_000_000)])
    return Hold(
        project=draw.choice(projects),
        user=draw.choice(users),
        currency=Currency.USD,
        month=placed.date().replace(day=1),
        model=draw.choice(["a", "b", ""]),
        resolution=draw.choice(["480p", "720p"]),
        amount_micros=estimate,
        charged_micros=cost,
        state=Hold.State.RELEASED if cost is None else Hold.State.CHARGED,
        placed_at=placed,
        settled_at=min(NOW, placed + dt.timedelta(hours=draw.randrange(40))),
    )


def _moves(hold: Hold, draw: random.Random) -> list[tuple[Entry.Kind, int, dt.datetime]]:
    held, settled = (Entry.Kind.HOLD, hold.amount_micros, hold.placed_at), hold.settled_at or NOW
    if hold.charged_micros is None:
        return [held, (Entry.Kind.RELEASE, hold.amount_micros, settled)]
    within = min(hold.amount_micros, hold.charged_micros)
    moves = [held, (Entry.Kind.CHARGE, within, settled)]
    if within < hold.amount_micros:
        moves.append((Entry.Kind.REMAINDER, hold.amount_micros - within, settled))
    if within < hold.charged_micros:
        kind = draw.choice([Entry.Kind.EXCESS, Entry.Kind.OVERRUN])
        moves.append((kind, hold.charged_micros - within, settled))
    return moves


def test_pages_equal_the_ledger_for_ten_thousand_jobs(project: Project, ann: User, ben: User, ada: User) -> None:
    """Whatever is asked for, the page's sums are those of the entries themselves."""
    dawn = builders.project("Dawn", manager=ben, member=ann)
    generate([project, dawn], [ann, ben, ada])
    days.rebuild()
    put_right([project, dawn], [ann, ben, ada])
    draw = random.Random(8)
    for user in (ada, ann, ben):
        for _ in range(12):
            _compare(_wanted(draw, user, [project, dawn], [ann, ben, ada]))


def put_right(projects: list[Project], users: list[User]) -> None:
    """Two hundred adjustments by hand, drawn from a seed; a tenth waits for a second person."""
    draw = random.Random(9)
    for number in range(200):
        with contextlib.suppress(adjustments.TooMuch):
            adjustments.ask(
                project=draw.choice(projects),
                user=draw.choice(users),
                currency=Currency.USD,
                signed_micros=draw.choice([1, -1, 3]) * draw.randrange(1, 900_000) * (draw.random() > 0.1 or 1000),
                reason="drawn",
                actor=users[0],
                key=str(number),
                now=NOW - dt.timedelta(days=draw.randrange(60)),
            )


def _wanted(draw: random.Random, user: User, projects: list[Project], people: list[User]) -> reports.Wanted:
    ends = sorted(NOW.date() - dt.timedelta(days=draw.randrange(90)) for _ in range(2))
    return reports.Wanted(
        user=user,
        currency=Currency.USD,
        first=ends[0],
        last=ends[1],
        project=draw.choice([None, *projects]),
        person=draw.choice([None, *people]),
        model=draw.choice(["", "a"]),
        resolution=draw.choice(["", "480p"]),
    )


def _compare(wanted: reports.Wanted) -> None:
    spending = wanted.entries().filter(kind__in=days.SPENDING)
    truth = spending.aggregate(sum=Sum(days.SIGNED, default=0))["sum"]
    whole = reports.total(wanted)
    listed = wanted.charged().aggregate(cost=Sum("charged_micros", default=0))["cost"]
    listed += sum(made.signed_micros for made in wanted.adjustments())
    assert (whole.cost_micros, listed, whole.charges) == (truth, truth, wanted.charged().count())
    for by in reports.DIMENSIONS:
        assert sum(line.cost_micros for line in reports.lines(wanted, by)) == truth
        stack = reports.stack(wanted, by)
        assert sum(row[2] for row in stack.rows) == truth == sum(sum(row[1]) for row in stack.rows)
