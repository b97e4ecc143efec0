import contextlib
import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generations.relay.wire import (
    Malformed,
    Phase,
    Reference,
    RelayError,
    Shape,
    Task,
    VideoRequest,
)
from tests.relay.samples import DONE, FAILED, MISSING, NO_BALANCE, SUBMITTED, URL

WHOLE = VideoRequest(
    model="doubao-seedance-2-0-1080p",
    prompt="a cat",
    seconds=10,
    ratio="16:9",
    resolution="1080p",
    generate_audio=True,
    seed=7,
    camera_fixed=False,
    watermark=False,
    return_last_frame=True,
    callback_url="https://studio.example/hook",
    content=(Reference(type="image_url", url="https://x.example/1.png", role="reference_image"),),
)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
task_words = ["task_id", "id", "status", "data", "code", "progress", "url", "metadata", "content", "error", "usage"]
task_words += ["fail_reason", "message", "quota", "expires_at", "total_tokens", "model", "result_url"]
task_like = st.recursive(
    json_values | st.sampled_from(["SUCCESS", "failed", "task_1", "50%", URL]),
    lambda inner: st.dictionaries(st.sampled_from(task_words), inner, max_size=8),
    max_leaves=20,
)


def test_request_is_written_as_documented() -> None:
    assert WHOLE.to_json() == {
        "model": "doubao-seedance-2-0-1080p",
        "prompt": "a cat",
        "seconds": "10",
        "metadata": {
            "ratio": "16:9",
            "resolution": "1080p",
            "generate_audio": True,
            "seed": 7,
            "camera_fixed": False,
            "watermark": False,
            "return_last_frame": True,
            "callback_url": "https://studio.example/hook",
            "content": [
                {"type": "image_url", "image_url": {"url": "https://x.example/1.png"}, "role": "reference_image"}
            ],
        },
    }


def test_request_leaves_out_what_is_not_given() -> None:
    request = VideoRequest(model="m", prompt="p", seconds=5)
    assert request.to_json() == {"model": "m", "prompt": "p", "seconds": "5"}


@pytest.mark.parametrize("request_", [WHOLE, VideoRequest(model="m", prompt="p", seconds=5)])
def test_request_reads_back_what_it_writes(request_: VideoRequest) -> None:
    assert VideoRequest.from_json(request_.to_json()) == request_


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"model": None}, "model"),
        ({"prompt": 3}, "prompt"),
        ({"seconds": 5}, "seconds"),
        ({"seconds": "5.5"}, "seconds"),
        ({"seconds": "0"}, "seconds"),
        ({"seconds": None}, "seconds"),
        ({"callback_url": "https://x.example"}, "callback_url"),
        ({"metadata": []}, "metadata"),
        ({"metadata": {"seed": "7"}}, "metadata.seed"),
        ({"metadata": {"seed": True}}, "metadata.seed"),
        ({"metadata": {"generate_audio": 1}}, "metadata.generate_audio"),
        ({"metadata": {"content": {}}}, "metadata.content"),
        ({"metadata": {"content": ["x"]}}, "metadata.content"),
        ({"metadata": {"content": [{"type": "text"}]}}, "metadata.content"),
        ({"metadata": {"content": [{"type": ["a"], "role": "r"}]}}, "metadata.content"),
        ({"metadata": {"content": [{"type": "image_url", "role": "r"}]}}, "metadata.content"),
        ({"metadata": {"content": [{"type": "image_url", "image_url": {"url": ""}, "role": "r"}]}}, "metadata.content"),
        ({"metadata": {"content": [{"type": "image_url", "image_url": {"url": "u"}}]}}, "metadata.content"),
    ],
)
def test_bad_request_names_the_field(change: dict[str, Any], param: str) -> None:
    with pytest.raises(Malformed) as caught:
        VideoRequest.from_json({"model": "m", "prompt": "p", "seconds": "5"} | change)
    assert caught.value.param == param


@given(json_values)
def test_reading_junk_raises_only_malformed(body: object) -> None:
    for read in (VideoRequest.from_json, Task.from_json, RelayError.from_json):
        with contextlib.suppress(Malformed):
            read(body)


@given(task_like)
def test_reading_what_looks_like_a_task_gives_sane_figures(body: object) -> None:
    try:
        task = Task.from_json(body)
    except Malformed:
        return
    assert task.progress is None or 0 <= task.progress <= 100
    assert (task.cost_micros(8_750_000) or 0) < 2**63
    str(task.raw).encode()


@pytest.mark.parametrize("shape", SUBMITTED)
def test_submit_answer_is_read_in_both_shapes(shape: str) -> None:
    task = Task.from_json(SUBMITTED[shape])
    assert (task.task_id, task.phase, task.url) == ("task_abc123", Phase.WAITING, None)


@pytest.mark.parametrize("shape", DONE)
def test_done_is_read_in_every_shape(shape: str) -> None:
    task = Task.from_json(DONE[shape])
    assert (task.task_id, task.phase, task.url) == ("task_abc123", Phase.DONE, URL)
    assert (task.error_code, task.error_message, task.raw) == ("", "", DONE[shape])


def test_figures_are_read_where_given() -> None:
    flat, openai, envelope = (Task.from_json(DONE[shape]) for shape in ("flat", "openai", "envelope"))
    assert (flat.progress, flat.tokens, flat.quota, flat.expires_at) == (None, None, None, None)
    assert (openai.progress, openai.tokens, openai.quota, openai.expires_at) == (100, 108000, None, 1749386400)
    assert (envelope.progress, envelope.tokens, envelope.quota) == (100, 108000, 472500)


def test_failure_is_read_with_its_reason() -> None:
    task = Task.from_json(FAILED)
    assert task.phase is Phase.FAILED
    assert (task.error_code, task.error_message) == ("OutputVideoSensitiveContentDetected", "content blocked")


@pytest.mark.parametrize(
    ("words", "phase"),
    [
        ("submitted queued pending not_start NOT_START", Phase.WAITING),
        ("running processing in_progress IN_PROGRESS", Phase.RENDERING),
        ("succeeded success completed Completed", Phase.DONE),
        ("failed failure error expired cancelled canceled FAILURE", Phase.FAILED),
        ("polishing UNKNOWN 失败 succeeded!", Phase.RENDERING),
    ],
)
def test_status_words_mean_what_the_contract_says(words: str, phase: Phase) -> None:
    for word in words.split():
        assert Task.from_json({"id": "t", "status": word}).phase is phase


@pytest.mark.parametrize("status", ["", None, 7, [], {}])
def test_missing_status_is_still_rendering(status: object) -> None:
    assert Task.from_json({"id": "t", "status": status, "error": {"message": "x"}}).phase is Phase.RENDERING


@pytest.mark.parametrize(
    "place",
    [
        {"url": URL},
        {"metadata": {"url": URL}},
        {"result_url": URL},
        {"video_url": URL},
        {"content": {"video_url": URL}},
        {"data": {"content": {"video_url": URL}}},
        {"fail_reason": URL},
        {"url": "", "result_url": f" {URL} "},
        {"url": None, "metadata": [], "video_url": URL},
        {"url": "not ready", "video_url": URL},
    ],
)
def test_url_is_found_in_every_place(place: dict[str, Any]) -> None:
    assert Task.from_json({"id": "t", "status": "success"} | place).url == URL
    inside = {"task_id": "t", "status": "SUCCESS"} | place
    assert Task.from_json({"code": "success", "data": inside}).url == URL


@pytest.mark.parametrize(
    "url", ["", "javascript:alert(1)", "/x.mp4", "http://", "http:///x", 5, "https://x/" + "a" * 9000]
)
def test_what_is_no_address_is_no_url(url: object) -> None:
    assert Task.from_json({"id": "t", "status": "success", "url": url}).url is None


def test_first_place_of_the_url_wins() -> None:
    body = {"id": "t", "status": "success", "result_url": "https://b.example", "data": {"url": "https://a.example"}}
    assert Task.from_json(body).url == "https://a.example"


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({"error": {"code": "c", "message": "m"}, "fail_reason": "f"}, "c", "m"),
        ({"error": {"code": "c"}}, "c", ""),
        ({"error": "gone wrong"}, "", "gone wrong"),
        ({"error": {}, "fail_reason": "f", "message": "m"}, "", "f"),
        ({"message": "m"}, "", "m"),
        ({"data": {"fail_reason": "f"}, "message": "m"}, "", "f"),
        ({}, "", ""),
    ],
)
def test_reason_is_the_first_that_is_said(body: dict[str, Any], code: str, message: str) -> None:
    task = Task.from_json({"id": "t", "status": "failed"} | body)
    assert (task.error_code, task.error_message) == (code, message)


@pytest.mark.parametrize(
    ("said", "progress"),
    [
        (0, 0),
        (50, 50),
        ("50%", 50),
        (" 7 %", None),
        ("7", 7),
        (99.0, 99),
        ("", None),
        ("half", None),
        (101, None),
        (-1, None),
        (True, None),
        (None, None),
        (float("nan"), None),
        ([], None),
    ],
)
def test_progress_is_read_in_every_form(said: object, progress: int | None) -> None:
    assert Task.from_json({"id": "t", "status": "running", "progress": said}).progress == progress


@pytest.mark.parametrize("task_id", ["", " ", "a/b", "../x", "a b", "x" * 192, 12, None, "é", "a\n", ".hidden"])
def test_odd_task_id_is_none(task_id: object) -> None:
    assert Task.from_json({"task_id": task_id, "status": "queued"}).task_id is None


def test_models_own_id_is_not_the_task() -> None:
    body = {"code": "success", "data": {"status": "SUCCESS", "data": {"id": "cgt-9"}}}
    assert Task.from_json(body).task_id is None


def test_envelope_tells_of_the_task_inside() -> None:
    body = {"code": "success", "id": "request-1", "status": "success", "data": {"task_id": "t", "status": "RUNNING"}}
    task = Task.from_json(body)
    assert (task.task_id, task.phase) == ("t", Phase.RENDERING)


@pytest.mark.parametrize("body", [None, [], "x", 1, {}, {"a": 1}, MISSING, {"data": []}, {"error": {"message": "m"}}])
def test_body_without_a_task_is_malformed(body: object) -> None:
    with pytest.raises(Malformed):
        Task.from_json(body)


def test_too_deep_a_body_is_malformed() -> None:
    body: object = "x"
    for _ in range(500):
        body = {"data": body}
    with pytest.raises(Malformed):
        Task.from_json({"id": "t", "status": "queued", "deep": body})


def test_text_is_made_fit_for_a_database() -> None:
    body = {"id": "t", "status": "failed", "message": "a\0b\ud800c", "n": float("inf"), "big": 10**30, "k\0": [1]}
    task = Task.from_json(body)
    assert task.error_message == "ab?c"
    assert task.raw == {"id": "t", "status": "failed", "message": "ab?c", "n": None, "big": None, "k": [1]}


@pytest.mark.parametrize(
    ("figures", "cost"),
    [
        ({"quota": 472500}, 945000),
        ({"quota": 500000, "usage": {"total_tokens": 1}}, 1_000_000),
        ({"usage": {"total_tokens": 108000, "completion_tokens": 5}}, 945000),
        ({"usage": {"completion_tokens": 108000}}, 945000),
        ({"usage": {"total_tokens": 0, "completion_tokens": 108000}}, 945000),
        ({"quota": -5, "usage": {"total_tokens": "108000"}}, 945000),
        ({"quota": 10**16, "usage": {}}, None),
        ({"quota": 0}, 0),
        ({}, None),
    ],
)
def test_cost_is_quota_else_tokens_at_the_price(figures: dict[str, Any], cost: int | None) -> None:
    task = Task.from_json({"id": "t", "status": "success"} | figures)
    assert task.cost_micros(8_750_000) == cost


def test_cost_of_tokens_is_rounded_half_up() -> None:
    task = Task(task_id="t", phase=Phase.DONE, tokens=1)
    assert [task.cost_micros(price) for price in (499_999, 500_000, 1_499_999, 1_500_000)] == [0, 1, 1, 2]
    assert task.cost_micros(None) is None


tasks = st.builds(
    Task,
    task_id=st.from_regex(r"task_[a-z0-9]{1,20}", fullmatch=True),
    phase=st.sampled_from([Phase.WAITING, Phase.RENDERING, Phase.DONE]),
    progress=st.none() | st.integers(0, 100),
    url=st.none() | st.just(URL),
    quota=st.none() | st.integers(0, 10**12),
    tokens=st.none() | st.integers(1, 10**9),
    expires_at=st.none() | st.integers(1, 2**33),
    model=st.from_regex(r"[a-z0-9.-]{1,30}", fullmatch=True),
)


@given(tasks, st.sampled_from(["openai", "envelope"]))
def test_task_reads_back_what_it_writes(task: Task, shape: Shape) -> None:
    back = Task.from_json(task.to_json(shape))
    assert dataclasses.replace(back, raw={}, status="") == task


@pytest.mark.parametrize("shape", ["flat", "openai", "envelope", "failed"])
def test_failure_reads_back_in_every_shape(shape: Shape) -> None:
    task = Task(task_id="t", phase=Phase.FAILED, error_code="c", error_message="blocked")
    back = Task.from_json(task.to_json(shape))
    assert (back.task_id, back.phase, back.error_message) == ("t", Phase.FAILED, "blocked")


def test_done_is_written_flat_as_documented() -> None:
    body = Task(task_id="task_abc123", phase=Phase.DONE, url=URL, model="m").to_json("flat")
    assert body == {"task_id": "task_abc123", "status": "succeeded", "model": "m", "url": URL, "format": "mp4"}


@pytest.mark.parametrize("shape", ["flat", "openai"])
def test_running_task_has_no_url_and_no_failure(shape: Shape) -> None:
    body = Task(task_id="t", phase=Phase.RENDERING, error_message="not yet").to_json(shape)
    assert not {"url", "metadata", "error", "usage"} & body.keys()


def test_flat_shape_has_no_progress_and_an_odd_word_stays() -> None:
    body = Task(task_id="t", phase=Phase.RENDERING, status="polishing", progress=5).to_json("flat")
    assert body == {"task_id": "t", "status": "polishing", "model": ""}


def test_error_is_read_and_written_in_both_shapes() -> None:
    error = RelayError.from_json(NO_BALANCE)
    assert error.to_json() == NO_BALANCE
    assert RelayError.from_json(MISSING).to_json("task") == MISSING


@pytest.mark.parametrize(
    "body", [None, {}, {"error": "x"}, {"error": {"code": 5}}, {"code": 502, "message": "m", "data": None}]
)
def test_words_of_somebody_else_are_no_error_of_the_relay(body: object) -> None:
    with pytest.raises(Malformed):
        RelayError.from_json(body)
