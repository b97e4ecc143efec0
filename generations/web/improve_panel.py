"""Where in the composer a better prompt is asked for, comes, and is taken or left. Its view: improving.py."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from django.utils.functional import cached_property
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generations.composer import difference
from generations.composer.difference import Part
from generations.composer.mending import Mended, mend
from generations.writing.models import Proposal

PACE_SECONDS = 0.6


@dataclass(kw_only=True)
class Panel:
    """`key` is the id of the proposal that the next press acts on; `why` says why nothing was asked for."""

    key: str = field(default_factory=lambda: uuid.uuid4().hex)
    proposal: Proposal | None = None
    is_taken: bool = False
    why: str = ""
    pace: float = PACE_SECONDS

    @property
    def stage(self) -> str:
        """idle, writing, proposed, taken or over."""
        if self.proposal is None:
            return "idle"
        if self.proposal.is_moving:
            return "writing" if self.proposal.stop_requested_at is None else "over"
        if self.proposal.state != Proposal.State.READY:
            return "over"
        return "taken" if self.is_taken else "proposed"

    @property
    def parts(self) -> list[Part]:
        """What would change."""
        return difference.between(self.proposal.prompt, self.proposal.proposed) if self.proposal else []

    @cached_property
    def mended(self) -> Mended:
        shown = self.proposal
        return mend(shown.prompt, shown.text, shown.tags) if shown else Mended("")

    @property
    def mended_note(self) -> str:
        """What was done to its mentions, in words."""
        lost, invented = _names(self.mended.lost), _names(self.mended.invented)
        said = []
        if lost:
            text = ngettext(
                "It had lost %(names)s, which now stands at its end.",
                "It had lost %(names)s, which now stand at its end.",
                len(self.mended.lost),
            )
            said.append(text % {"names": lost})
        if invented:
            text = _("It had invented %(names)s, which is in no tray: taken out.")
            said.append(text % {"names": invented})
        return " ".join(said)


def panel_of(proposal: Proposal, *, is_taken: bool = False) -> Panel:
    """What is over leaves the way free for the next one."""
    shown = Panel(proposal=proposal, is_taken=is_taken)
    if shown.stage in {"writing", "proposed", "taken"}:
        shown.key = proposal.pk.hex
    return shown


def _names(tags: tuple[str, ...]) -> str:
    return str(get_text_list([f"@{tag}" for tag in tags], _("and")))
