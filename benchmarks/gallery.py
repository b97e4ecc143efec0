"""The gallery at 1,000 and at 1,000,000 outputs: p95 of a page, of filters and of searches (CPU), and their ratio.

Run: python -m benchmarks.gallery [FEW] [MANY]     on SQLite in a throw-away directory, or on DATABASE_URL (empty)

The two are filled one after the other in the same database: few, measured, then the rest, measured again.
"""
# ruff: noqa: E402, E501, S608

import atexit
import os
import shutil
import statistics
import sys
import tempfile
import time

os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="relayweb-benchmark-")
atexit.register(shutil.rmtree, os.environ["DATA_DIR"])
os.environ["DJANGO_SETTINGS_MODULE"] = "relayweb.settings"

import django

django.setup()

from django.core.management import call_command
from django.db import connection
from django.test import RequestFactory

from generations.accounts.models import User
from generations.catalog.models import Price, PriceList, Sku, VideoModel
from generations.gallery.models import Reading
from generations.projects.models import Membership, Project
from generations.web import gallery

ROUNDS = 40
PROJECTS, PEOPLE, MODELS, DAYS = 40, 60, 6, 365
RATIOS = ("16:9", "9:16", "1:1", "16:9", "16:9", "21:9")
WORDS = ["heron", "lake", "dusk", "harbour", "rain", "neon", "street", "mountain", "dancer", "boat", "fox", "snow"]

# What each page is asked, and by whom: the admin sees everything, the manager ten projects of forty.
PAGES = {
    "page": "",
    "page 100 further on": "after={deep}",
    "best rated": "sort=rating",
    "one project": "project=p3",
    "one person": "person={person}",
    "one model, 9:16": "model=m2&ratio=9:16",
    "approved": "review=approved",
    "five stars, with comments": "stars=5&comments=1",
    "a rare ratio, long": "ratio=21:9&length=long",
    "a day of last spring": "from={day}&to={day}",
    "search: a common word": "q=heron",
    "search: two words, one not": "q=heron+lake+-rain",
    "search: a rare word": "q=w77",
    "search: a phrase, newest": 'q="dusk+harbour"&sort=new',
    "search: nothing": "q=zebra",
}


def prepare() -> tuple[User, User]:
    ada = User.objects.create(email="ada@example.com", seat="admin")
    people = User.objects.bulk_create([User(email=f"p{number}@example.com") for number in range(PEOPLE)])
    projects = Project.objects.bulk_create(
        [Project(name=f"Project {number}", slug=f"p{number}", created_by=ada) for number in range(PROJECTS)]
    )
    Membership.objects.bulk_create([Membership(project=each, user=people[0], role="manager") for each in projects[:10]])
    others = enumerate(people[1:], start=1)
    Membership.objects.bulk_create([Membership(project=projects[at % PROJECTS], user=each) for at, each in others])
    price_list = PriceList.objects.create(number=1, source="benchmark")
    Price.objects.create(price_list=price_list, relay_model="m", unit="per_second", amount_micros=1)
    for number in range(MODELS):
        ends = {"min_seconds": 4, "max_seconds": 15, "default_seconds": 5}
        model = VideoModel.objects.create(name=f"m{number}", label=f"Model {number}", vendor="v", audio="none", **ends)
        Sku.objects.create(model=model, relay_model=f"m{number}", resolution="720p", unit="per_second")
    Reading.objects.create(name="shelving")
    return ada, people[0]


def choice(values: tuple[str, ...] | list[str], by: str) -> str:
    cases = " ".join(f"WHEN {at} THEN '{value}'" for at, value in enumerate(values))
    return f"CASE ({by}) % {len(values)} {cases} END"


def fill(start: int, end: int) -> None:
    """Jobs, media files, outputs, items and their documents, by INSERT … SELECT over numbers."""
    is_sqlite = connection.vendor == "sqlite"
    low = {model: model.objects.order_by("pk").values_list("pk", flat=True)[0] for model in (Project, VideoModel, Sku)}
    person, price = User.objects.get(email="p0@example.com").pk, Price.objects.get().pk
    numbers = f"WITH RECURSIVE n(i) AS (SELECT CAST({start} AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {end})"
    minutes = "((i * 31) / 60)"
    at = (
        f"strftime('%Y-%m-%d %H:%M:%f', '2026-01-01', '+' || ({minutes}) || ' minutes')"
        if is_sqlite
        else f"(TIMESTAMPTZ '2026-01-01' + ({minutes}) * INTERVAL '1 minute')"
    )
    uuid = "printf('%032x', i)" if is_sqlite else "lpad(to_hex(i), 32, '0')::uuid"
    sha, true, false = (
        "printf('%064x', i)" if is_sqlite else "lpad(to_hex(i), 64, '0')",
        *(("1", "0") if is_sqlite else ("true", "false")),
    )
    project, user = f"{low[Project]} + (i * 7) % {PROJECTS}", f"{person} + (i * 17) % {PEOPLE}"
    model, sku = f"{low[VideoModel]} + i % {MODELS}", f"{low[Sku]} + i % {MODELS}"
    words = [choice(WORDS, f"i / {step} + {step}") for step in (1, 7, 61, 409)]
    prompt = f"'A ' || {' || chr(32) || '.join(words)} || ' w' || (i % 20011)".replace("chr(32)", "' '")
    ratio, seconds = choice(RATIOS, "i / 3"), "4 + (i / 5) % 12"
    review = choice(["", "", "", "", "", "", "", "approved", "in_review", "rejected"], "i / 11")
    rating = "CASE WHEN i % 9 = 0 THEN 100 + (i / 9) % 5 * 100 ELSE 0 END"
    comments = "CASE WHEN i % 13 = 0 THEN 1 ELSE 0 END"
    empty = "'[]'" if is_sqlite else "'[]'::jsonb"
    job_more, job_values = required(
        "Job",
        "id project user key request_hash is_sandbox prompt model sku price resolution ratio seconds audio state estimate_micros cost_micros created_at finished_at",
    )
    media_more, media_values = required(
        "MediaFile",
        "id sha256 size_bytes kind content_type storage_name width_px height_px duration_ms poster_name preview_name strip_name created_at kept_at",
    )
    output_more, output_values = required("Output", "id job position media created_at")
    item_more, item_values = required(
        "Item",
        "id output job project user model kind ratio resolution seconds has_sound cost_micros currency created_at tags shelf review rating_hundredths comment_count",
    )
    statements = [
        f"""INSERT INTO generations_job (id, project_id, user_id, key, request_hash, is_sandbox, prompt, model_id, sku_id,
              price_id, resolution, ratio, seconds, audio, state, estimate_micros, cost_micros, created_at, finished_at{job_more})
            {numbers} SELECT {uuid}, {project}, {user}, 'k' || i, 'h' || i, {true}, {prompt}, {model}, {sku}, {price}, '720p',
              {ratio}, {seconds}, {false}, 'succeeded', 300000 + i % 1000, 300000 + i % 997, {at}, {at}{job_values} FROM n""",
        f"""INSERT INTO generations_mediafile (id, sha256, size_bytes, kind, content_type, storage_name, width_px, height_px,
              duration_ms, poster_name, preview_name, strip_name, created_at, kept_at{media_more})
            {numbers} SELECT i, {sha}, 900000, 'video', 'video/mp4', 'm' || i, 1280, 720, 5000, 'p' || i, 'v' || i, 's' || i,
              {at}, {at}{media_values} FROM n""",
        f"""INSERT INTO generations_output (id, job_id, position, media_id, created_at{output_more})
            {numbers} SELECT {uuid}, {uuid}, 0, i, {at}{output_values} FROM n""",
        f"""INSERT INTO generations_item (id, output_id, job_id, project_id, user_id, model_id, kind, ratio, resolution,
              seconds, has_sound, cost_micros, currency, created_at, tags, shelf, review, rating_hundredths, comment_count{item_more})
            {numbers} SELECT i, {uuid}, {uuid}, {project}, {user}, {model}, 'video', {ratio}, '720p', {seconds}, {false},
              300000 + i % 997, 'SBX', {at}, {empty}, 'shown', {review}, {rating}, {comments}{item_values} FROM n""",
    ]
    marks = f"'all p' || ({project}) || ' u' || ({user}) || ' m' || ({model}) || ' kvideo'"
    if is_sqlite:
        statements.append(
            f"""INSERT INTO generations_itemsearch (rowid, title, tags, prompt, comments, marks)
                {numbers} SELECT i, '', '', lower({prompt}), '', {marks} FROM n"""
        )
    else:
        signs = f"array_to_tsvector(string_to_array('|' || replace({marks}, ' ', ' |'), ' '))"
        statements.append(
            f"""INSERT INTO generations_itemsearch (item_id, document)
                {numbers} SELECT i, {signs} || setweight(to_tsvector('simple', {prompt}), 'C') FROM n"""
        )
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("ANALYZE")


def required(name: str, known: str) -> tuple[str, str]:
    """Columns that may not be NULL and are not filled above, each with an empty value."""
    from django.apps import apps

    blank = {
        "CharField": "''",
        "TextField": "''",
        "JSONField": "'[]'",
        "BooleanField": "false",
        "DateTimeField": "'2026-01-01'",
    }
    columns = apps.get_model("generations", name)._meta.concrete_fields
    fields = [field for field in columns if field.name not in known.split() and not field.null]
    names = "".join(f", {field.column}" for field in fields)
    return names, "".join(f", {blank.get(field.get_internal_type(), '0')}" for field in fields)


def measured(user: User, query: str) -> tuple[float, float, float]:
    """Median and p95 of the page as it is answered, in milliseconds of CPU (other work on the machine costs none),
    and the median on the wall."""
    request = RequestFactory().get(f"/gallery/?{query}")
    request.user = user
    request.htmx = False  # type: ignore[attr-defined]
    cpu, wall = [], []
    for _round in range(ROUNDS + 2):
        begin, began = time.process_time(), time.perf_counter()
        answer = gallery.gallery(request)  # type: ignore[arg-type]
        assert answer.status_code == 200, query
        cpu.append((time.process_time() - begin) * 1000)
        wall.append((time.perf_counter() - began) * 1000)
    cpu = sorted(cpu[2:])
    return statistics.median(cpu), cpu[int(ROUNDS * 0.95) - 1], statistics.median(wall[2:])


def all_pages(ada: User, manager: User, count: int) -> dict[tuple[str, str], tuple[float, float, float]]:
    deep_at = max(1, count - 6000)
    with connection.cursor() as cursor:
        cursor.execute("SELECT created_at FROM generations_item WHERE id = %s", [deep_at])
        (moment,) = cursor.fetchone()
    moment = str(moment).replace(" ", "T")
    deep = f"{moment if '+' in moment else moment + '%2B00:00'}_{deep_at}".replace("+", "%2B")
    found = {}
    for name, query in PAGES.items():
        asked = query.format(deep=deep, person=manager.pk + 5, day="2026-01-01")
        found[name, "admin"] = measured(ada, asked)
        found[name, "manager"] = measured(manager, asked)
    return found


def main(few: int, many: int) -> None:
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    ada, manager = prepare()
    begin = time.perf_counter()
    fill(1, few)
    small = all_pages(ada, manager, few)
    fill(few + 1, many)
    print(f"{connection.vendor}: {many:,} outputs filled in {time.perf_counter() - begin:.0f} s", flush=True)
    large = all_pages(ada, manager, many)
    print(f"{'':39} {few:>10,} outputs      {many:>10,} outputs")
    for (name, who), (median, p95, wall) in large.items():
        was, was_p95, _was_wall = small[name, who]
        told = f"CPU {was:4.0f} p95 {was_p95:4.0f} ms    CPU {median:4.0f} p95 {p95:4.0f} ms   x {p95 / was_p95:.2f}"
        print(f"{name:30} {who:8} {told}   wall {wall:4.0f} ms")


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:3]]
    main(*numbers) if len(numbers) == 2 else main(1_000, numbers[0] if numbers else 1_000_000)
