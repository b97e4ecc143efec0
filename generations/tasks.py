"""Every entry point of the queue: load by id, one call to a room. A task may come twice, late or never."""

from __future__ import annotations

import datetime as dt
import functools
import logging
from collections.abc import Callable, Sequence

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.utils import timezone

from generations import queue
from generations.accounts import people
from generations.accounts.models import Seat, User
from generations.catalog import comparing, keycheck
from generations.health import alerts, status
from generations.jobs import breaker, fetcher, invariants, line, poller, sending, superseded, truths, unknowns
from generations.jobs.models import Attempt, Inquiry, Job, Output
from generations.jobs.states import Overtaken
from generations.media import archive, arriving
from generations.media.models import MediaFile
from generations.notices import mailing, reading
from generations.relay.client import AsyncRelay, Relay
from generations.writing import talking
from generations.writing.models import Proposal

log = logging.getLogger(__name__)


@functools.cache
def relay() -> Relay:
    """The configured relay; one object a process, a fresh connection for each request."""
    return Relay(settings.RELAY_URL, settings.RELAY_API_KEY)


@functools.cache
def reader() -> poller.Reader:
    """Many reads at once; made in the worker that first needs it, after the fork."""
    return poller.Reader(AsyncRelay(settings.RELAY_URL, settings.RELAY_API_KEY))


def _quietly[**P](task: Callable[P, None]) -> Callable[P, None]:
    """Somebody else was first, the row is gone, or the studio stops: nothing to do."""

    @functools.wraps(task)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        if status.is_stopping():
            return
        try:
            with status.beating(queue.CLUSTER_OF.get(task.__name__, "workers")):
                task(*args, **kwargs)
        except (Overtaken, arriving.NotArriving, ObjectDoesNotExist) as reason:
            log.debug("%s: %r", task.__name__, reason)

    return run


@_quietly
def submit_job(job_id: str) -> None:
    sending.send(line.whose_turn(job_id, timezone.now()), relay(), timezone.now)


@_quietly
def poll_jobs(job_ids: Sequence[str]) -> None:
    poller.poll(job_ids, reader(), timezone.now)


@_quietly
def observe_job(attempt_id: int) -> None:
    attempt = Attempt.objects.select_related("job__price", "job__sku", "hold").get(pk=attempt_id)
    poller.observe_attempt(attempt, relay(), timezone.now)


@_quietly
def fetch_job(job_id: str) -> None:
    job = Job.objects.select_related("price").get(pk=job_id)
    fetcher.fetch(job, relay(), timezone.now)


@_quietly
def fetch_asset(asset_id: str) -> None:
    arriving.fetch(asset_id, timezone.now)


@_quietly
def illustrate_media(media_id: int) -> None:
    archive.illustrate(MediaFile.objects.get(pk=media_id))


@_quietly
def fetch_spare(output_id: str) -> None:
    superseded.fetch_spare(Output.objects.select_related("job").get(pk=output_id), relay(), timezone.now)


@_quietly
def inquire(inquiry_id: int) -> None:
    found = Inquiry.objects.select_related("attempt__job__price", "attempt__job__sku", "attempt__hold", "actor")
    unknowns.inquire(found.get(pk=inquiry_id), relay(), timezone.now)


@_quietly
def write_words(proposal_id: str) -> None:
    found = Proposal.objects.select_related("project", "user", "hold", "price")
    talking.write(found.get(pk=proposal_id), relay(), timezone.now)


@_quietly
def check_key() -> None:
    keycheck.run(relay(), settings.IS_SANDBOX, timezone.now())


@_quietly
def probe_relay() -> None:
    breaker.probe(settings.IS_SANDBOX, relay(), timezone.now())


@_quietly
def check_invariants() -> None:
    invariants.run(timezone.now())


@_quietly
def compare_prices() -> None:
    comparing.compare(relay(), timezone.now())


@_quietly
def take_prices(user_id: int) -> None:
    comparing.take(relay(), User.objects.get(pk=user_id), timezone.now())


@_quietly
def compare_days() -> None:
    truths.compare_due(relay(), reader().read_all, timezone.now())


@_quietly
def compare_day(day: str) -> None:
    truths.compare_asked(dt.date.fromisoformat(day), relay(), reader().read_all, timezone.now())


@_quietly
def mail_alert(alert_id: int) -> None:
    if alert := alerts.take_for_mail(alert_id, timezone.now()):
        also = (Seat.BILLING,) if alert.is_about_money else ()
        people.mail_admins(f"relayweb: {alert.key}", f"{alert.text}\n\n{settings.PUBLIC_URL}{alert.page}\n", also=also)


@_quietly
def write_notices() -> None:
    reading.read(timezone.now())


@_quietly
def mail_notices(user_id: int) -> None:
    mailing.send(User.objects.get(pk=user_id), timezone.now)


def beat_workers(asked: Sequence[str] = ()) -> None:
    status.answer("workers", asked, timezone.now())


def beat_polls(asked: Sequence[str] = ()) -> None:
    status.answer("polls", asked, timezone.now())


def beat_files(asked: Sequence[str] = ()) -> None:
    status.answer("files", asked, timezone.now())
