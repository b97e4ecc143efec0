"""A studio with one row of everything that an address can name: what the matrix and the crawl walk over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from generations.accounts.models import Seat, User
from generations.gallery import collecting, sharing, shelving, talking
from generations.gallery.collections import Collection
from generations.gallery.comments import Comment
from generations.gallery.models import Item
from generations.gallery.shares import ShareLink
from generations.gallery.sharing import Wishes
from generations.jobs import lending, sending
from generations.jobs.inputs import Input
from generations.jobs.lending import Loan
from generations.jobs.models import Attempt, Job, Output
from generations.jobs.states import State
from generations.ledger import adjustments, budgets
from generations.ledger.adjustments import Adjustment
from generations.ledger.models import Budget, Currency
from generations.media.models import Asset, MediaFile
from generations.projects import inviting
from generations.projects.models import Invitation, Membership, Project
from generations.starts import templates
from generations.starts.models import Template
from generations.writing.models import Proposal
from tests import builders
from tests.web.conftest import form
from tests.writing import conftest as writing

TOKEN = "token-of-the-callback"
# What a form must carry to be more than refused for its fields; a callable is given the ground.
FORMS: dict[str, Any] = {
    "approvals_decide": lambda ground: {"job": str(ground.asked.pk), "decision": "approve"},
    "comments_say": lambda ground: {"text": "Slower here"},
    "generate": lambda ground: form(prompt="Dawn over the harbour"),
    "item_review": lambda ground: {"to": "in_review"},
    "theme": lambda ground: {"theme": "dark"},
}
QUERIES = {
    "spend_table_csv": "?table=days",
    "price_replay_chosen": "?list=1",
    "waste_csv": "?table=kind",
    "waste_jobs": "?kind=failed",
    "waste_jobs_csv": "?kind=failed",
}


@dataclass
class Ground:
    """The project Dusk of ann, ben and vic: a clip, a lost and an asked job, an asset, and names for all of them."""

    project: Project
    people: dict[str, User]
    ready: Job
    lost: Job
    asked: Job
    output: Output
    asset: Asset
    comment: Comment
    words: Proposal  # whose outcome nobody knows
    template: Template
    loan: Loan
    invitation: Invitation
    collection: Collection

    def path(self, name: str, names: dict[str, type]) -> str:
        """The address of this name, its parts filled in. Raises KeyError when nobody knows what one stands for."""
        parts = {part: self.parts(name)[part] for part in names}
        return reverse(name, kwargs=parts) + QUERIES.get(name, "")

    def parts(self, name: str) -> dict[str, Any]:
        """What each part of an address stands for. A new one (`comment_id`) gets a row in `ground` and a line here."""
        job = self.lost if name.startswith("unknown") else self.ready
        return {
            "slug": self.project.slug,
            "job_id": job.pk,
            "output_id": self.output.pk,
            "asset_id": self.asset.pk,
            "comment_id": self.comment.pk,
            "template_id": self.template.pk,
            "proposal_id": self.words.pk,
            "collection_id": self.collection.pk,
            "share_id": ShareLink.objects.get().pk,
            "kind": "edl",
            "user_id": self.people["ben"].pk,
            "invitation_id": self.invitation.pk,
            "member_id": Membership.objects.get(project=self.project, user=self.people["vic"]).pk,
            "position": 1,
            "number": Adjustment.objects.latest("pk").pk if name.startswith("adjustment_") else 1,
            "scope": "project",
            "day": "2026-11-22",
            "owner": self.project.pk,
            "token": self.loan.url.split("/")[-2] if name == "lent" else TOKEN,
            "file_name": self.loan.file_name,
            "name": "no-such-session",
            "provider_id": "sso",
            "pk": 1,  # of somebody's passkey
            "uidb36": "1",
            "key": "key",
        }

    def form(self, name: str) -> dict[str, Any]:
        made: dict[str, Any] = FORMS[name](self) if name in FORMS else {}
        return made


def ground(project: Project, **people: User) -> Ground:
    """Rows of one project, through the rooms' verbs where that is short. `project` has the catalogue's prices."""
    ben = people["ben"]
    ready, lost = builders.job(project, ben), builders.job(project, ben)
    sending.send(lost, builders.answering(httpx.ReadError("reset by peer")), lambda: builders.NOW)
    row = budgets.budget_of(Budget.Scope.PROJECT, Currency.SBX, project=project)
    budgets.set_ask_above(row, 100_000, builders.NOW)
    asked = builders.job(project, ben, now=timezone.now())
    assert (lost.state, asked.state) == (State.UNKNOWN, State.AWAITING_APPROVAL)
    Attempt.objects.filter(job=ready).update(token_hash=sending.hash_token(TOKEN))
    for person in people.values():
        with_second_factor(person)
    media = clip()
    output = Output.objects.create(job=ready, media=media, created_at=builders.NOW)
    asset = Asset.objects.create(
        project=project, uploader=ben, media=media, name="Harbour", state=Asset.State.READY, created_at=builders.NOW
    )
    Input.objects.create(job=ready, media=media, position=1, role=Input.Role.REFERENCE_IMAGE, tag="image1")
    item = shelving.shelve(Output.objects.filter(pk=output.pk).select_related("media", "job"))[0]
    comment = talking.say(item, ben, "Slower here", key="said", now=builders.NOW)
    fields = {"prompt": "A {{subject}} at dusk"}
    template = templates.keep(name="Dusk", fields=fields, project=project, user=ben, now=builders.NOW)
    words = writing.write(writing.make(project, ben), httpx.ReadError("reset by peer"))
    rushes = gathered(project, ben, item)
    loan = lending.lend(ready.attempt, media, timezone.now())
    found = ready, lost, asked, output, asset, comment, words, template, loan
    large_fee(project, ben, people["ann"])
    return Ground(project, people, *found, invited(project), rushes)


def large_fee(project: Project, user: User, actor: User) -> Adjustment:
    """So large that it waits for a second person."""
    return adjustments.ask(
        project=project,
        user=user,
        currency=Currency.SBX,
        signed_micros=200_000_000,
        reason="A fee",
        actor=actor,
        key="fee",
        now=builders.NOW,
    )


def gathered(project: Project, user: User, item: Item) -> Collection:
    made = collecting.create("Rushes", user, builders.NOW, project=project)
    collecting.add(made, [item], user, builders.NOW)
    share, _ = sharing.make(item, Wishes(takes_comments=True), project.created_by, timezone.now())
    ShareLink.objects.filter(pk=share.pk).update(token_hash=sharing.hash_token(TOKEN))
    return made


def with_second_factor(person: User) -> None:
    """So that its pages are there for everybody."""
    TOTP.activate(person, "JBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(person)


def invited(project: Project) -> Invitation:
    """An open invitation by the project's manager, whose link ends in TOKEN."""
    manager, now = project.created_by, timezone.now()
    made, _ = inviting.invite("new@example.com", actor=manager, now=now, project=project, seat=Seat.NONE)
    Invitation.objects.update(token_hash=inviting.hash_token(TOKEN))
    return made


def clip() -> MediaFile:
    kinds = ("poster", "preview", "strip")
    names = {f"{kind}_name": default_storage.save(f"media/ab/{kind}", ContentFile(kind.encode())) for kind in kinds}
    stored = default_storage.save("media/ab/clip.mp4", ContentFile(b"clip" * 100))
    return MediaFile.objects.create(
        sha256="ab" * 32,
        size_bytes=400,
        kind="video",
        content_type="video/mp4",
        storage_name=stored,
        width_px=854,
        height_px=480,
        **names,
    )


def addresses(resolver: URLResolver | None = None, namespace: str = "") -> dict[str, dict[str, type]]:
    """Every name that can be asked for -> the parts of its address; a namespace's first name stands for all of it."""
    found: dict[str, dict[str, type]] = {}
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLPattern):
            found.setdefault(f"{namespace}{pattern.name}", pattern.pattern.converters or groups(pattern))
        else:
            inside = namespace + (f"{pattern.namespace}:" if pattern.namespace else "")
            before = pattern.pattern.converters or groups(pattern)
            for name, parts in list(addresses(pattern, inside).items())[: 1 if pattern.namespace else None]:
                found.setdefault(name, before | parts)
    return found


def groups(pattern: URLPattern | URLResolver) -> dict[str, type]:
    """The parts of an address that is written as a regular expression."""
    regex: Any = getattr(pattern.pattern, "regex", None)
    return dict.fromkeys(getattr(regex, "groupindex", {}), str)
