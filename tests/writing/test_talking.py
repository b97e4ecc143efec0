"""What the relay says becomes a proposal, or nothing; and what each end means for the money."""

from __future__ import annotations

import httpx
import pytest

from generations.accounts.models import User
from generations.jobs import breaker, invariants
from generations.jobs.states import Overtaken
from generations.ledger.models import SpendDay
from generations.projects.models import Membership, Project
from generations.writing import asking, talking
from generations.writing.models import Proposal
from tests.builders import NOW, answering, relay_says
from tests.writing.conftest import USED_MICROS, make, stream, write

State = Proposal.State


def test_whole_answer_is_proposed_and_charged_by_its_usage(asked: Proposal) -> None:
    done = write(asked, stream("A red fox ", "runs through snow."))
    assert (done.state, done.proposed) == (State.READY, "A red fox runs through snow.")
    assert (done.hold.charged_micros, done.prompt_tokens, done.completion_tokens) == (USED_MICROS, 1000, 100)
    day = SpendDay.objects.get()
    assert (day.model, day.spent_micros, day.charges) == ("grok-4.3", USED_MICROS, 1)
    assert invariants.violations(NOW) == []


def test_mentions_are_kept_whatever_the_model_does(project: Project, ben: User) -> None:
    done = write(make(project, ben, "@image1 runs"), stream('"A fox meets @image4."'))
    assert done.proposed == "A fox meets. @image1"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (stream("A fox --dur 10"), "--dur"),
        (stream("A fox", finish="length"), "without end"),
        (stream(" \n "), "Describe the clip"),
    ],
)
def test_useless_answer_is_paid_and_not_proposed(asked: Proposal, answer: httpx.Response, why: str) -> None:
    done = write(asked, answer)
    assert (done.state, done.proposed, done.hold.state) == (State.ENDED, "", "charged")
    assert why in done.problem


def test_untold_usage_is_reckoned_from_the_letters(asked: Proposal) -> None:
    done = write(asked, stream("A fox runs far.", usage=None))
    read = -(-(len(asked.told) + len(asked.prompt)) // 4)
    assert (done.prompt_tokens, done.completion_tokens, done.is_reckoned) == (read, 4, True)
    assert done.hold.state == "charged"


@pytest.mark.parametrize(
    "answer",
    [
        relay_says({"error": {"message": "no such model"}}, 404),
        relay_says({"error": {"message": "slow down"}}, 429),
        relay_says({"error": {"message": "upstream"}}, 503),
        relay_says({"error": {"message": "bad key"}}, 401),
        httpx.ConnectError("refused"),
    ],
    ids=["refused", "rate limited", "not accepted", "key refused", "not sent"],
)
def test_what_was_surely_not_accepted_costs_nothing(asked: Proposal, answer: httpx.Response | Exception) -> None:
    done = write(asked, answer)
    assert (done.state, done.hold.state) == (State.FAILED, "released")
    assert done.problem


@pytest.mark.parametrize(
    "answer",
    [httpx.ReadError("reset"), stream("A red", is_whole=False), httpx.Response(502, text="<html>")],
    ids=["no answer", "cut", "a proxy's page"],
)
def test_lost_answer_keeps_what_is_held(asked: Proposal, answer: httpx.Response | Exception) -> None:
    done = write(asked, answer)
    assert (done.state, done.hold.state) == (State.UNKNOWN, "open")
    assert invariants.violations(NOW) == []


def test_stopped_words_are_heard_to_their_end_and_not_shown(asked: Proposal) -> None:
    asked.move(State.WRITING, sent_at=NOW, look_at=NOW)
    asking.stop(asked, NOW)
    talking._talk(asked, answering(stream("A red fox.")), lambda: NOW)
    asked.refresh_from_db()
    assert (asked.state, asked.proposed, asked.hold.charged_micros) == (State.ENDED, "", USED_MICROS)


def test_late_end_of_what_was_given_up_is_still_counted(asked: Proposal) -> None:
    asked.move(State.WRITING, sent_at=NOW, look_at=NOW)
    asking.give_up(Proposal.objects.get(pk=asked.pk), "The studio stopped.", NOW)
    talking._talk(asked, answering(stream("A red fox.")), lambda: NOW)
    asked.refresh_from_db()
    assert (asked.state, asked.hold.state) == (State.READY, "charged")


def test_nothing_is_sent_without_the_right_or_while_sending_is_paused(project: Project, ben: User, ann: User) -> None:
    mine, hers = make(project, ben), make(project, ann)
    Membership.objects.filter(user=ben).update(role="viewer")
    talking.write(mine, answering(), lambda: NOW)
    breaker.open_for(True, "The key is refused.", NOW)
    talking.write(hers, answering(), lambda: NOW)
    assert [proposal.state for proposal in (mine, hers)] == [State.FAILED, State.FAILED]


def test_second_worker_sends_nothing(asked: Proposal) -> None:
    same = Proposal.objects.get(pk=asked.pk)
    write(asked, stream("A red fox."))
    with pytest.raises(Overtaken):
        talking.write(same, answering(), lambda: NOW)


def test_a_worker_stays_free_to_send_jobs(project: Project, ben: User) -> None:
    for number in range(talking.MOST_WRITING + 1):
        last = make(project, ben)
        if number < talking.MOST_WRITING:
            last.move(State.WRITING, sent_at=NOW, look_at=NOW + asking.LEASE)
    talking.write(last, answering(), lambda: NOW)
    assert (last.state, last.look_at) == (State.QUEUED, NOW + talking.AGAIN)
