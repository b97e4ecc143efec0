"""Submits: what is accepted and in which words, what is refused, which troubles leave a task behind."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generations.relay.wire import Phase, Task
from generations.sandbox.scenarios import SCENARIOS
from generations.sandbox.server import Sandbox
from tests.sandbox.talking import Talk, body, wish

MADE_ALL_THE_SAME = {"504", "lost-answer", "html", "no-id"}
SUBMITS = [word for word, scenario in SCENARIOS.items() if scenario.group == "submit"]


def test_submit_answers_a_waiting_task(talk: Talk) -> None:
    answer = talk.post(wish())
    task = Task.from_json(body(answer))
    assert (answer.status, task.phase) == (200, Phase.WAITING)
    assert talk.sandbox.store.task(task.task_id or "").asked == wish()


def test_submit_answers_the_documented_words_when_asked(talk: Talk) -> None:
    row = talk.make("kite [flat]")
    assert body(talk.post(wish(prompt="kite [flat]"))).keys() == {"task_id", "status"}
    assert row.words == {"flat"}


@pytest.mark.parametrize(
    ("word", "status", "code"),
    [
        ("refuse", 400, "InputTextSensitiveContentDetected"),
        ("401", 401, "invalid_api_key"),
        ("balance", 403, "insufficient_user_quota"),
        ("404", 404, "model_not_found"),
        ("503", 503, "upstream_error"),
    ],
)
def test_submit_refused_by_a_word_says_so_every_time(talk: Talk, word: str, status: int, code: str) -> None:
    for _ in range(4):
        answer = talk.post(wish(prompt=f"kite [{word}]"))
        assert (answer.status, body(answer)["error"]["code"]) == (status, code)


@pytest.mark.parametrize(("word", "status"), [("429", 429), ("500", 500)])
def test_submit_passes_at_the_third_try(talk: Talk, word: str, status: int) -> None:
    statuses = [talk.post(wish(prompt=f"kite [{word}]")).status for _ in range(6)]
    assert statuses == [status, status, 200] * 2
    assert len(talk.sandbox.store.tasks()) == 2


def test_submit_slowed_down_says_for_how_long(talk: Talk) -> None:
    assert talk.post(wish(prompt="[429]")).headers["Retry-After"] == "1"


@pytest.mark.parametrize("word", SUBMITS)
def test_submit_leaves_a_task_only_where_the_table_says_so(talk: Talk, word: str) -> None:
    talk.post(wish(prompt=f"kite [{word}]"))
    assert len(talk.sandbox.store.tasks()) == (word in MADE_ALL_THE_SAME)
    assert len(talk.sandbox.store.posts()) == 1


@pytest.mark.parametrize(("word", "status"), [("502", 502), ("504", 504), ("html", 200)])
def test_submit_answered_by_a_proxy_is_a_web_page(talk: Talk, word: str, status: int) -> None:
    answer = talk.post(wish(prompt=f"[{word}]"))
    assert (answer.status, answer.headers["Content-Type"]) == (status, "text/html")


def test_submit_with_a_lost_answer_is_lost(talk: Talk) -> None:
    assert talk.post(wish(prompt="[lost-answer]")).is_lost


def test_submit_out_of_limits_makes_nothing(talk: Talk) -> None:
    answer = talk.post(wish(seconds=40))
    assert (answer.status, body(answer)["error"]["type"]) == (400, "invalid_request_error")
    assert [post["outcome"] for post in talk.sandbox.store.posts()] == ["400"]
    assert talk.sandbox.store.tasks() == []


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b"[" * 100_000,
        b'{"model": "doubao-seedance-2-0-480p", "prompt": "x"}',
        b'{"model": "doubao-seedance-2-0-480p", "prompt": "x", "seconds": 4}',
        b'{"model": "doubao-seedance-2-0-480p", "prompt": "\\ud800", "seconds": "4"}',
        b'{"model": "doubao-seedance-2-0-480p", "prompt": "x", "seconds": "4", "callback_url": "https://a.example"}',
    ],
)
def test_submit_of_a_bad_body_is_refused(talk: Talk, data: bytes) -> None:
    answer = talk.ask("POST", "/v1/video/generations", data)
    assert (answer.status, body(answer)["error"]["type"]) == (400, "invalid_request_error")


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3)
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80, deadline=None)
@given(
    st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("ratio", "resolution", "seed", "content", "callback_url"), ANYTHING)
    )
)
def test_submit_of_any_metadata_is_accepted_or_refused(talk: Talk, metadata: dict[str, object]) -> None:
    data = {"model": wish().model, "prompt": "x", "seconds": "4", "metadata": metadata}
    assert talk.ask("POST", "/v1/video/generations", json.dumps(data).encode()).status in (200, 400)


def test_submit_keeps_a_seed_or_throws_one(talk: Talk) -> None:
    seeds = [talk.make(seed=seed).seed for seed in (7, 0, None, None, -1)]
    assert seeds[:2] == [7, 0]
    assert len(set(seeds)) == 5


def test_early_callback_comes_before_the_answer(talk: Talk, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    monkeypatch.setattr(sandbox.engine, "_send", lambda row, url: sent.append(f"{row.state} {url}"))
    talk.post(wish(prompt="[callback-early]", callback_url="http://studio.test/cb"))
    assert sent == ["queued http://studio.test/cb"]
