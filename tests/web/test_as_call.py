"""A sent request as a script would send it: it says the same, and holds no key and no address of ours."""

from __future__ import annotations

import ast
import json
import shlex
from typing import Any

import pytest
from pytest_django import Settings

from generations.accounts.models import User
from generations.jobs.sending import CALLBACK_HIDDEN
from generations.projects.models import Project
from generations.web.templatetags.as_call import as_curl, as_python
from tests import builders
from tests.web.conftest import Browse

PROMPT = 'It\'s "dusk" $(rm -rf /) `x` </pre>\n\\n {{ name }} — ü'
RATIO = {"ratio": "16:9", "camera_fixed": True}
OWN: dict[str, Any] = {"model": "m", "prompt": PROMPT, "seconds": "4", "metadata": RATIO}
SENT = OWN | {"metadata": RATIO | {"callback_url": CALLBACK_HIDDEN}}


def test_curl_sends_the_same_body() -> None:
    words = shlex.split(as_curl(SENT))
    assert words[1].endswith("/v1/video/generations")
    assert words[words.index("-H") + 1] == "Authorization: Bearer $RELAY_API_KEY"
    assert json.loads(words[words.index("--data") + 1]) == OWN


def test_python_sends_the_same_body() -> None:
    tree = ast.parse(as_python(SENT))
    body = next(part for part in tree.body if isinstance(part, ast.Assign))
    assert ast.literal_eval(body.value) == OWN


def test_images_have_their_own_address() -> None:
    assert "/v1/images/generations" in as_curl({"model": "m", "prompt": "x", "n": 1})


@pytest.mark.usefixtures("priced_project")
def test_receipt_shows_both_without_the_key(
    priced_project: Project, ben: User, browse: Browse, settings: Settings
) -> None:
    settings.RELAY_API_KEY = "sbx-never-shown"
    job = builders.running_job(priced_project, ben, prompt="A <b>fox</b>")
    page = browse(ben).get(job.get_absolute_url()).text
    assert "urllib.request" in page
    assert "curl " in page
    assert "sbx-never-shown" not in page
    assert "A <b>fox" not in page
