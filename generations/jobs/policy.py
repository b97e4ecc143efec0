"""What counts as refused by the relay's policy, which other words may pass: of one job, and of many in a query."""

from __future__ import annotations

from functools import reduce
from operator import or_

from django.db.models import Q

from generations.jobs.models import Job

CODES = ("sensitive", "policy", "moderation")
WORDS = ("sensitive", "content policy", "content blocked", "moderation")  # where the relay gives no code

REFUSED = reduce(
    or_,
    [Q(failure_code__icontains=word) for word in CODES] + [Q(failure_message__icontains=word) for word in WORDS],
)


def is_refused(job: Job) -> bool:
    code, said = job.failure_code.lower(), job.failure_message.lower()
    return any(word in code for word in CODES) or any(word in said for word in WORDS)
