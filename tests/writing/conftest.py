"""Proposals of ben in the project with the catalogue's prices, and a relay that streams what a test says."""

from __future__ import annotations

import json
import uuid
from typing import Any

import httpx
import pytest

from generations.accounts.models import User
from generations.projects.models import Project
from generations.writing import asking, talking
from generations.writing.instructions import Purpose
from generations.writing.models import Proposal
from tests import builders

PURPOSE = Purpose(model="seedance-2.0", label="Seedance 2.0", seconds=5, ratio="16:9", has_sound=True)
USAGE = {"prompt_tokens": 1000, "completion_tokens": 100}
USED_MICROS = 1_350  # of the two, at 1.125 and 2.25 dollars a million


@pytest.fixture
def project(priced_project: Project) -> Project:
    return priced_project


@pytest.fixture
def asked(project: Project, ben: User) -> Proposal:
    return make(project, ben)


def make(project: Project, user: User, prompt: str = "A fox runs", **changes: Any) -> Proposal:
    told: dict[str, Any] = {"key": uuid.uuid4(), "purpose": PURPOSE, "now": builders.NOW} | changes
    return asking.ask(project=project, user=user, prompt=prompt, **told)


def stream(*texts: str, usage: dict[str, int] | None = USAGE, finish: str = "stop", is_whole: bool = True) -> Any:
    """An answer that comes in pieces; `is_whole` False: it breaks off."""
    chunks: list[dict[str, Any]] = [{"choices": [{"index": 0, "delta": {"content": text}}]} for text in texts]
    if is_whole:
        chunks += [{"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]}]
        chunks += [{"choices": [], "usage": usage}] if usage else []
    lines = [f"data: {json.dumps(chunk)}\n\n" for chunk in chunks] + (["data: [DONE]\n\n"] if is_whole else [])
    return httpx.Response(200, text="".join(lines), headers={"Content-Type": "text/event-stream"})


def write(proposal: Proposal, answer: httpx.Response | Exception) -> Proposal:
    """As a worker does it."""
    talking.write(proposal, builders.answering(answer), lambda: builders.NOW)
    return Proposal.objects.select_related("hold", "price").get(pk=proposal.pk)
