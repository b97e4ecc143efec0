"""Items made of kept outputs: by reading events after a cursor, and now and then whatever was missed. Twice is once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Greatest

from generations.gallery import search
from generations.gallery.models import Item, Reading
from generations.jobs.models import JobEvent, Output
from generations.jobs.states import State

EVENTS_A_TURN = 2000
OUTPUTS_A_TURN = 500
MISSED_WITHIN = dt.timedelta(days=2)  # a paid clip is tried for one day


def shelve_new() -> int:
    """Makes the items of jobs that succeeded since the last look; answers how many events were read."""
    reading = Reading.objects.get_or_create(name="shelving")[0]
    events = JobEvent.objects.filter(pk__gt=reading.last_event_id).order_by("pk")[:EVENTS_A_TURN]
    read = list(events.values_list("pk", "job", "new_state"))
    if read:
        jobs = {job for _, job, state in read if state == State.SUCCEEDED}
        shelve(_kept().filter(job__in=jobs))
        passed = Reading.objects.filter(pk=reading.pk)
        passed.update(last_event_id=Greatest("last_event_id", read[-1][0]))
    return len(read)


def shelve_missed(now: dt.datetime) -> int:
    """Makes the items that no event told of: of spare clips, and of events that were committed out of order."""
    missed = _kept().filter(item=None, created_at__gt=now - MISSED_WITHIN)
    return len(shelve(missed[:OUTPUTS_A_TURN]))


def shelve(outputs: Iterable[Output]) -> list[Item]:
    """The items of these outputs that there were none of yet."""
    outputs = list(outputs)
    known = set(Item.objects.filter(output__in=outputs).values_list("output", flat=True))
    new = [_item_of(output) for output in outputs if output.pk not in known]
    with transaction.atomic():
        Item.objects.bulk_create(new, ignore_conflicts=True, batch_size=200)  # another reader may be as fast
        made = list(Item.objects.filter(output__in=[item.output_id for item in new]))
        search.index(made)
        _share_anew(output for output in outputs if output.pk not in known)
    return made


def _share_anew(outputs: Iterable[Output]) -> None:
    """A clip that came later, as a spare, has changed what its job cost and what each of its clips bears."""
    jobs = {output.job_id: list(output.job.outputs.all()) for output in outputs}
    for together in jobs.values():
        for output in together if len(together) > 1 else []:
            Item.objects.filter(output=output).update(cost_micros=_share(output))


def _kept() -> QuerySet[Output]:
    kept = Output.objects.filter(media__isnull=False).order_by("created_at", "pk")
    return kept.select_related("media", "job").prefetch_related("job__outputs")


def _item_of(output: Output) -> Item:
    job, media = output.job, output.media
    if media is None:
        raise LookupError(str(output.pk))
    return Item(
        output=output,
        job=job,
        project_id=job.project_id,
        user_id=job.user_id,
        model_id=job.model_id,
        kind=media.kind,
        ratio=job.ratio,
        resolution=job.resolution,
        seconds=round((media.duration_ms or 0) / 1000),
        has_sound=media.has_sound,
        cost_micros=_share(output),
        currency=job.currency,
        created_at=output.created_at,
    )


def _share(output: Output) -> int:
    """What this one of the job's outputs cost; the first bears what can't be divided."""
    outputs = list(output.job.outputs.all())
    each, rest = divmod(output.job.cost_micros or 0, len(outputs))
    return each + (rest if output.pk == outputs[0].pk else 0)
