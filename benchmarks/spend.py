"""The spend overview and its CSV at 1,000,000 paid jobs: p95 of the page, rows a second and memory of the CSV.

Run: python -m benchmarks.spend [JOBS]     on SQLite in a throw-away directory, or on DATABASE_URL (an empty database)
"""
# ruff: noqa: E402, E501, S608

import atexit
import datetime as dt
import os
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from typing import cast

os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="relayweb-benchmark-")
atexit.register(shutil.rmtree, os.environ["DATA_DIR"])
os.environ["DJANGO_SETTINGS_MODULE"] = "relayweb.settings"

import django

django.setup()

from django.core.management import call_command
from django.db import connection
from django.db.models import Sum
from django.http import StreamingHttpResponse
from django.test import RequestFactory

from generations.accounts.models import User
from generations.catalog.models import Price, PriceList, Sku, VideoModel
from generations.ledger import days, reports
from generations.ledger.models import Account, Currency, Entry, SpendDay
from generations.projects.models import Membership, Project
from generations.web import spend

ROUNDS = 20
PROJECTS, PEOPLE, MODELS, DAYS = 40, 60, 6, 365
RESOLUTIONS = ("480p", "720p", "1080p")
WHO = f"(i * 17) % {PEOPLE}"  # everybody works in two projects, with six kinds of clips
WHERE = f"({WHO} + i / 4 % 2) % {PROJECTS}"


def prepare() -> tuple[User, User]:
    """Projects, people, models; the admin and a manager of ten projects."""
    ada = User.objects.create(email="ada@example.com", seat="admin")
    people = User.objects.bulk_create([User(email=f"p{number}@example.com") for number in range(PEOPLE)])
    projects = Project.objects.bulk_create(
        [Project(name=f"Project {number}", slug=f"p{number}", created_by=ada) for number in range(PROJECTS)]
    )
    Membership.objects.bulk_create([Membership(project=each, user=people[0], role="manager") for each in projects[:10]])
    price_list = PriceList.objects.create(number=1, source="benchmark")
    price = Price(price_list=price_list, relay_model="m", unit="per_second", amount_micros=1)
    price.save()
    for number in range(MODELS):
        ends = {"min_seconds": 4, "max_seconds": 15, "default_seconds": 5}
        model = VideoModel.objects.create(name=f"m{number}", label=f"Model {number}", vendor="v", audio="none", **ends)
        Sku.objects.create(model=model, relay_model=f"m{number}", resolution="720p", unit="per_second")
    kinds = [Account.Kind.AVAILABLE, Account.Kind.HELD, Account.Kind.SPENT]
    Account.objects.bulk_create(
        [Account(project=project, kind=kind, currency=Currency.SBX) for project in projects for kind in kinds]
    )
    return ada, people[0]


def fill(jobs: int, first: dt.datetime) -> None:
    """Jobs, attempts, holds and their entries, by INSERT … SELECT; then the days, as `days.rebuild` makes them."""
    low = {model: model.objects.order_by("pk").values_list("pk", flat=True)[0] for model in (Project, VideoModel, Sku)}
    person, price = User.objects.get(email="p0@example.com").pk, Price.objects.get().pk
    is_sqlite = connection.vendor == "sqlite"
    numbers = f"WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {jobs})"
    seconds = f"((i * 7919) % {DAYS * 86400})"
    start = first.isoformat(sep=" ")
    at = (
        f"strftime('%Y-%m-%d %H:%M:%f', '{first:%Y-%m-%d %H:%M:%S}', '+' || {seconds} || ' seconds')"
        if is_sqlite
        else f"(TIMESTAMPTZ '{start}' + {seconds} * INTERVAL '1 second')"
    )
    month = f"strftime('%Y-%m-01', {at})" if is_sqlite else f"date_trunc('month', {at})::date"
    uuid = "printf('%032x', i)" if is_sqlite else "lpad(to_hex(i), 32, '0')::uuid"
    pick = f"CASE (i / 8) % 3 {' '.join(f"WHEN {at_} THEN '{name}'" for at_, name in enumerate(RESOLUTIONS))} END"
    user = f"{person} + {WHO}"
    project = f"{low[Project]} + {WHERE}"
    model, false = f"(i / 8) % {MODELS}", "0" if is_sqlite else "false"
    true, empty = "1" if is_sqlite else "true", "'[]'" if is_sqlite else "'[]'::jsonb"
    statements = [
        f"""INSERT INTO generations_hold (id, project_id, user_id, currency, month, model, resolution, amount_micros,
              charged_micros, state, placed_at, settled_at)
            {numbers} SELECT i, {project}, {user}, 'SBX', {month}, 'm' || {model}, {pick}, 300000 + i % 1000,
              300000 + i % 997, 'charged', {at}, {at} FROM n""",
        f"""INSERT INTO generations_job (id, project_id, user_id, key, request_hash, is_sandbox, prompt, model_id, sku_id,
              price_id, resolution, ratio, seconds, audio, state, version, tries, claims, last_event_hash, relay_status,
              estimate_micros, cost_micros, failure_code, failure_message, waiting_reason, created_at, finished_at{{more}})
            {numbers} SELECT {uuid}, {project}, {user}, 'k' || i, 'h' || i, {true}, 'A prompt of some words, number ' || i,
              {low[VideoModel]} + {model}, {low[Sku]} + {model}, {price}, {pick}, '16:9', 5, {false}, 'succeeded', 4, 0, 0,
              '', '', 300000 + i % 1000, 300000 + i % 997, '', '', '', {at}, {at}{{values}} FROM n""",
        f"""INSERT INTO generations_attempt (id, job_id, number, hold_id, approved_by_id, relay_task_id, hints, callbacks)
            {numbers} SELECT i, {uuid}, 1, i, {user}, 't' || i, {empty}, 0 FROM n""",
    ]
    accounts = {kind: _account_of(kind) for kind in ("available", "held", "spent")}
    for kind, source, target, sign in (("hold", "available", "held", ""), ("charge", "held", "spent", "")):
        amount = "300000 + i % 1000" if kind == "hold" else "300000 + min(i % 1000, i % 997)"
        amount = amount if is_sqlite else amount.replace("min(", "least(")
        statements.append(
            f"""INSERT INTO generations_entry (hold_id, kind, source_id, target_id, currency, amount_micros, at)
                {numbers} SELECT i, '{kind}', {accounts[source]}, {accounts[target]}, 'SBX', {amount}, {at} FROM n{sign}"""
        )
    beyond = "i % 997 > i % 1000"
    statements.append(
        f"""INSERT INTO generations_entry (hold_id, kind, source_id, target_id, currency, amount_micros, at)
            {numbers} SELECT i, 'excess', {accounts["available"]}, {accounts["spent"]}, 'SBX', i % 997 - i % 1000, {at}
            FROM n WHERE {beyond}"""
    )
    more, values = _required_columns()
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement.replace("{more}", more).replace("{values}", values))
    days.rebuild()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _account_of(kind: str) -> str:
    first = Account.objects.filter(kind=kind).order_by("pk").values_list("pk", flat=True)[0]
    return f"{first} + 3 * ({WHERE})"


def _required_columns() -> tuple[str, str]:
    """Columns of the job that other subjects have added and that may not be NULL, with an empty value."""
    from generations.jobs.models import Job

    known = "id project user key request_hash is_sandbox prompt model sku price resolution ratio seconds audio state"
    known += " version tries claims last_event_hash relay_status estimate_micros cost_micros failure_code"
    known += " failure_message waiting_reason created_at finished_at"
    blank = {"CharField": "''", "TextField": "''", "JSONField": "'[]'", "BooleanField": "false"}
    fields = [field for field in Job._meta.concrete_fields if field.name not in known.split() and not field.null]
    names = "".join(f", {field.column}" for field in fields)
    return names, "".join(f", {blank.get(field.get_internal_type(), '0')}" for field in fields)


def timed(make: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    start = clock()
    make()
    return (clock() - start) * 1000


def measure(name: str, make: Callable[[], object]) -> None:
    """Wall time, and CPU time beside it: on a busy machine only the latter says what the page costs."""
    make()
    walls = sorted(timed(make) for _ in range(ROUNDS))
    cpus = sorted(timed(make, time.process_time) for _ in range(ROUNDS))
    p95 = int(ROUNDS * 0.95) - 1
    print(f"{name:40} median {statistics.median(walls):6.0f} ms  p95 {walls[p95]:6.0f} ms  CPU p95 {cpus[p95]:6.0f} ms")


def page(user: User, query: str) -> Callable[[], object]:
    request = RequestFactory().get(f"/spend/?{query}")
    request.user = user
    request.htmx = False  # type: ignore[attr-defined]
    return lambda: spend.overview(request)  # type: ignore[arg-type]


def from_entries(user: User, first: dt.date, last: dt.date) -> Callable[[], object]:
    """The same sums without SpendDay: one of the page's six, straight from the entries."""
    wanted = reports.Wanted(user=user, currency=Currency.SBX, first=first, last=last)
    rows = wanted.entries().filter(kind__in=days.SPENDING).values_list("hold__project")
    return lambda: list(rows.annotate(cost=Sum("amount_micros")).order_by())


def stream(user: User, name: str, view: Callable[..., object], query: str) -> None:
    request = RequestFactory().get(f"/spend/{name}?{query}")
    request.user = user
    before, start, lines = peak_megabytes(), time.perf_counter(), 0
    for _ in cast(Iterable[bytes], cast(StreamingHttpResponse, view(request))):
        lines += 1
    took = time.perf_counter() - start
    grown = peak_megabytes() - before
    print(f"{name:42} {lines:,} lines   {lines / took:,.0f} a second   memory +{grown:.0f} MB")


def peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(jobs: int) -> None:
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    today = dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    first = today - dt.timedelta(days=DAYS - 1)
    ada, manager = prepare()
    print(f"{connection.vendor}: {jobs:,} jobs filled in {timed(lambda: fill(jobs, first)) / 1000:.0f} s")
    print(f"{Entry.objects.count():,} entries, {SpendDay.objects.count():,} rows of days")
    year = f"from={first:%Y-%m-%d}"
    measure("overview of this month, whole studio", page(ada, ""))
    measure("overview of this month, ten projects", page(manager, ""))
    measure("overview of the year, whole studio", page(ada, year))
    measure("one sum of this month from the entries", from_entries(ada, today.date().replace(day=1), today.date()))
    stream(ada, "jobs.csv", spend.jobs_csv, year)
    stream(ada, "ledger.csv", spend.ledger_csv, year)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
