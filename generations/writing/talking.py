"""A proposal written by the relay: committed first, sent once, kept as it comes, settled by what was used."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable

from django.conf import settings
from django.db import transaction

from generations.accounts.models import User
from generations.composer.mending import mend
from generations.composer.prompt import BadPrompt, read_prompt
from generations.jobs import breaker
from generations.jobs.states import Overtaken
from generations.ledger import budgets, holds
from generations.projects.models import Membership, Project, Role
from generations.relay.chat import ChatRequest, Message, Usage
from generations.relay.client import Relay
from generations.relay.errors import (
    BalanceTooLow,
    KeyRefused,
    NotAccepted,
    NotSent,
    RateLimited,
    Refused,
    RelayFault,
)
from generations.relay.words import Words
from generations.writing.asking import LEASE, MOST_TOKENS, cost_micros, give_back, give_up
from generations.writing.models import Proposal

State = Proposal.State
KEEP_EVERY_SECONDS = 0.3
MOST_WRITING = 2  # at once in the studio: a worker stays free to send jobs
AGAIN = dt.timedelta(seconds=1)
LETTERS_A_TOKEN = 4  # where the relay tells no tokens

Clock = Callable[[], dt.datetime]


def write(proposal: Proposal, relay: Relay, clock: Clock) -> None:
    """Has the relay write a queued proposal, or ends it for nothing. Raises Overtaken."""
    if proposal.state != State.QUEUED:
        raise Overtaken(str(proposal.pk))
    if reason := _why_not(proposal, clock()):
        give_back(proposal, reason, clock())
    elif Proposal.objects.filter(state=State.WRITING).count() >= MOST_WRITING:
        proposal.move(State.QUEUED, look_at=clock() + AGAIN)
    else:
        _commit(proposal, clock())
        _talk(proposal, relay, clock)


def _why_not(proposal: Proposal, now: dt.datetime) -> str:
    """Why this may not be sent any more, or ''."""
    if proposal.stop_requested_at:
        return "Stopped before it was sent."
    if proposal.is_sandbox != settings.IS_SANDBOX:
        return "It was asked for at another relay than the studio's present one."
    if reason := _no_right(proposal):
        return reason
    blocked = breaker.blocked_until(proposal.is_sandbox, now)
    return f"{blocked[1]} Nothing was sent." if blocked else ""


def _no_right(proposal: Proposal) -> str:
    project, role = proposal.project, proposal.project.role_of(proposal.user)
    if project.is_archived:
        return "The project was archived before it was sent."
    if role is None or not role.covers(Role.MEMBER):
        return "Who asked for it may not generate in this project any more."
    if budgets.pause_on(project, proposal.user, proposal.currency):
        return "Paused by who looks after the money."
    return ""


@transaction.atomic
def _commit(proposal: Proposal, now: dt.datetime) -> None:
    """WRITING, before a byte leaves; what allows it is read anew and held, in the order of projects.membership."""
    mine = Membership.objects.filter(project=proposal.project_id, user=proposal.user_id)
    list(mine.select_for_update(no_key=True))
    proposal.user.refresh_from_db(from_queryset=User.objects.select_for_update(no_key=True))
    proposal.project.refresh_from_db(from_queryset=Project.objects.select_for_update(no_key=True))
    if _no_right(proposal) or Proposal.objects.filter(pk=proposal.pk, stop_requested_at__isnull=False).exists():
        raise Overtaken(str(proposal.pk))
    proposal.move(State.WRITING, sent_at=now, look_at=now + LEASE)


def _talk(proposal: Proposal, relay: Relay, clock: Clock) -> None:
    messages = (Message(role="system", content=proposal.told), Message(role="user", content=proposal.prompt))
    asked = ChatRequest(model=proposal.price.relay_model, messages=messages, max_tokens=MOST_TOKENS)
    with relay.chat(asked) as words:
        try:
            _listen(proposal, words, clock)
        except RelayFault as fault:
            _not_whole(proposal, fault, words, clock())
        else:
            _written(proposal, words, clock())


def _listen(proposal: Proposal, words: Words, clock: Clock) -> None:
    """To the end, also when it was stopped: what is billed is said there. What came is shown until it is stopped."""
    kept_at = time.monotonic()
    for _piece in words:
        if time.monotonic() - kept_at >= KEEP_EVERY_SECONDS:
            kept_at = time.monotonic()
            _keep(proposal, words.text, clock())


def _keep(proposal: Proposal, text: str, now: dt.datetime) -> None:
    same = Proposal.objects.filter(pk=proposal.pk, state=State.WRITING)
    same.update(look_at=now + LEASE)
    same.filter(stop_requested_at=None).update(text=text)


def _written(proposal: Proposal, words: Words, now: dt.datetime) -> None:
    """Charged by what was used. Given up in the meantime, its late end still says what it cost."""
    breaker.close(proposal.is_sandbox, now)
    proposal.refresh_from_db()
    if proposal.state not in {State.WRITING, State.UNKNOWN}:
        raise Overtaken(str(proposal.pk))  # a person has settled it
    usage = words.usage or reckoned(proposal, words.text)
    to, proposed, problem = _judged(proposal, words)
    with transaction.atomic():
        proposal.move(
            to,
            text=words.text,
            proposed=proposed,
            problem=problem[:300],
            prompt_tokens=usage.prompt_tokens,
            completion_tokens=usage.completion_tokens,
            is_reckoned=words.usage is None,
            request_id=words.exchange.request_id[:120] if words.exchange else "",
            finished_at=now,
        )
        holds.charge(proposal.hold, cost_micros(proposal.price, usage), now)


def _judged(proposal: Proposal, words: Words) -> tuple[Proposal.State, str, str]:
    """(state, what can be taken, why nothing can)."""
    if proposal.stop_requested_at:
        return State.ENDED, "", "Stopped: what the relay had begun is paid."
    if words.finish_reason == "length":
        return State.ENDED, "", "The model wrote without end, so nothing of it is used."
    try:
        return State.READY, read_prompt(mend(proposal.prompt, words.text, proposal.tags).text), ""
    except BadPrompt as bad:
        return State.ENDED, "", f"What the model wrote is no prompt: {bad}"


def reckoned(proposal: Proposal, text: str) -> Usage:
    """What was used, counted from the letters, for want of the relay's word."""
    read = len(proposal.told) + len(proposal.prompt)
    return Usage(prompt_tokens=-(-read // LETTERS_A_TOKEN), completion_tokens=-(-len(text) // LETTERS_A_TOKEN))


def _not_whole(proposal: Proposal, fault: RelayFault, words: Words, now: dt.datetime) -> None:
    match fault:
        case RateLimited():
            breaker.pause(proposal.is_sandbox, now + dt.timedelta(seconds=fault.retry_after_seconds or 2))
            give_back(proposal, "The relay asks us to slow down. Try again in a moment.", now)
        case KeyRefused() | BalanceTooLow():
            breaker.open_for(proposal.is_sandbox, fault.message, now)
            give_back(proposal, f"The relay takes nothing from the studio just now: {fault.message}", now)
        case Refused():
            give_back(proposal, f"The relay refused it: {fault.message}", now)
        case NotAccepted() | NotSent():
            breaker.count_failure(proposal.is_sandbox, fault.message, now)
            give_back(proposal, f"The relay could not take it: {fault.message}", now)
        case _:
            _keep(proposal, words.text, now)
            give_up(proposal, f"The answer did not come whole: {fault.message}.", now)
