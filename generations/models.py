"""The rooms' models, listed for Django; each is defined in its own room."""

from generations.accounts.models import AuditEvent, User
from generations.catalog.keycheck import KeyCheck
from generations.catalog.models import Price, PriceList, Sku, VideoModel
from generations.gallery.collections import Collection, CollectionEntry
from generations.gallery.comments import Comment, Remake
from generations.gallery.models import Item, Reading
from generations.gallery.reviews import Favourite, ReviewChange, Stars
from generations.gallery.shares import ShareLink
from generations.health.models import Alert, Check, Heartbeat
from generations.jobs.first_uses import FirstUse
from generations.jobs.inputs import Input, RelayFile
from generations.jobs.lending import Loan
from generations.jobs.line import Turn
from generations.jobs.models import Attempt, Breaker, Exchange, Inquiry, Job, JobEvent, Output
from generations.jobs.truths import TruthDay, TruthLine
from generations.ledger.adjustments import Adjustment
from generations.ledger.models import Account, Budget, BudgetMark, BudgetMonth, Entry, Hold, SpendDay
from generations.media.models import Asset, Discarded, MediaFile
from generations.notices.models import Notice, NoticeChoice, NoticeCursor, NoticeMail
from generations.projects.models import Invitation, Membership, Project
from generations.starts.models import Template
from generations.writing.models import Instruction, Proposal

__all__ = [
    "Account",
    "Adjustment",
    "Alert",
    "Asset",
    "Attempt",
    "AuditEvent",
    "Breaker",
    "Budget",
    "BudgetMark",
    "BudgetMonth",
    "Check",
    "Collection",
    "CollectionEntry",
    "Comment",
    "Discarded",
    "Entry",
    "Exchange",
    "Favourite",
    "FirstUse",
    "Heartbeat",
    "Hold",
    "Input",
    "Inquiry",
    "Instruction",
    "Invitation",
    "Item",
    "Job",
    "JobEvent",
    "KeyCheck",
    "Loan",
    "MediaFile",
    "Membership",
    "Notice",
    "NoticeChoice",
    "NoticeCursor",
    "NoticeMail",
    "Output",
    "Price",
    "PriceList",
    "Project",
    "Proposal",
    "Reading",
    "RelayFile",
    "Remake",
    "ReviewChange",
    "ShareLink",
    "Sku",
    "SpendDay",
    "Stars",
    "Template",
    "TruthDay",
    "TruthLine",
    "Turn",
    "User",
    "VideoModel",
]
