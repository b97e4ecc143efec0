"""The rooms' models, listed for Django; each is defined in its own room."""

from generations.accounts.models import User
from generations.catalog.models import Price, PriceList, Sku, VideoModel
from generations.health.models import Heartbeat
from generations.jobs.models import Attempt, Breaker, Exchange, Job, JobEvent, Output
from generations.ledger.models import Account, Budget, BudgetMonth, Entry, Hold
from generations.media.models import MediaFile
from generations.projects.models import Membership, Project

__all__ = [
    "Account",
    "Attempt",
    "Breaker",
    "Budget",
    "BudgetMonth",
    "Entry",
    "Exchange",
    "Heartbeat",
    "Hold",
    "Job",
    "JobEvent",
    "MediaFile",
    "Membership",
    "Output",
    "Price",
    "PriceList",
    "Project",
    "Sku",
    "User",
    "VideoModel",
]
