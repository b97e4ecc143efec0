"""The sandbox's face: routes, keys, reads in every shape, the troubles of reading."""

from pathlib import Path

import pytest

from generations.relay.wire import Phase, Task
from generations.sandbox.server import Sandbox, Settings
from tests.sandbox.conftest import Clock
from tests.sandbox.talking import Talk, body, wish


@pytest.mark.parametrize("key", ["", "sk-real", "sbx", "SBX-a"])
def test_answer_without_a_sandbox_key_is_401(talk: Talk, key: str) -> None:
    answer = talk.ask("GET", "/v1/models", key=key)
    assert (answer.status, body(answer)["error"]["type"]) == (401, "authentication_error")


def test_answer_to_the_one_key_of_its_settings(tmp_path: Path, clock: Clock) -> None:
    own = Sandbox(Settings(data=tmp_path, key="sbx-own"), clock)
    statuses = [Talk(own).ask("GET", "/v1/models", key=key).status for key in ("sbx-own", "sbx-test", "sbx-ówn")]
    own.stop()
    assert statuses == [200, 401, 401]


@pytest.mark.parametrize("path", ["/healthz", "/api/pricing"])
def test_answer_needs_no_key_for_public_paths(talk: Talk, path: str) -> None:
    assert talk.ask("GET", path, key="").status == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/"), ("GET", "/v1/video/generations"), ("POST", "/v1/models"), ("GET", "/v1/videos/x/y"), ("PUT", "/v1")],
)
def test_answer_to_an_unknown_path_is_404(talk: Talk, method: str, path: str) -> None:
    assert talk.ask(method, path).status == 404


@pytest.mark.parametrize("path", ["/v1/video/generations/task_no", "/v1/videos/task_no", "/v1/videos/task_no/content"])
def test_read_of_an_unknown_task_is_404_in_the_task_form(talk: Talk, path: str) -> None:
    answer = talk.get(path)
    assert (answer.status, body(answer)) == (404, {"code": "task_not_exist", "message": "task not exist", "data": None})


@pytest.mark.parametrize(
    ("word", "mark"), [("", "code"), ("envelope", "code"), ("openai", "object"), ("flat", "format"), ("bare", "format")]
)
def test_read_of_a_done_task_tells_all_in_its_shape(talk: Talk, word: str, mark: str) -> None:
    row = talk.make_done(f"kite [{word}]", ratio="16:9")
    said = talk.read(row.id)
    task = Task.from_json(said)
    assert mark in said
    assert (task.task_id, task.phase, task.tokens) == (row.id, Phase.DONE, row.tokens)
    assert (task.url or "").startswith("http://relay.test/results/")


def test_read_as_openai_video_tells_size_and_times(talk: Talk) -> None:
    row = talk.make_done(ratio="9:16")
    said = body(talk.get(f"/v1/videos/{row.id}"))
    assert (said["object"], said["status"], said["size"], said["seconds"]) == ("video", "completed", "480x854", "4")
    assert said["expires_at"] - said["completed_at"] == 86_400


def test_read_in_the_envelope_tells_the_quota(talk: Talk) -> None:
    row = talk.make_done("kite", model="doubao-seedance-2-0-4k", seconds=5)
    assert Task.from_json(talk.read(row.id)).cost_micros(None) == 4_860_000


def test_read_never_tells_the_callback_address(talk: Talk) -> None:
    row = talk.make_done("kite [flat]", callback_url="http://studio.test/secret-token")
    assert "secret-token" not in str(talk.read(row.id))


@pytest.mark.parametrize("word", ["flat", "openai", "envelope", "bare"])
def test_read_of_a_failed_task_gives_the_reason(talk: Talk, clock: Clock, word: str) -> None:
    row = talk.make(f"kite [blocked] [{word}]")
    clock.at += 1
    talk.tick()
    clock.at += 2
    talk.tick()
    task = Task.from_json(talk.read(row.id))
    assert (task.phase, task.url, task.quota) == (Phase.FAILED, None, None)
    assert task.error_message == "content blocked: the clip may be sensitive"


@pytest.mark.parametrize(("word", "status"), [("404-read", 404), ("500-read", 502), ("bad-read", 200)])
def test_read_is_troubled_three_times(talk: Talk, word: str, status: int) -> None:
    row = talk.make(f"kite [{word}]")
    troubled = [talk.get(f"/v1/video/generations/{row.id}") for _ in range(3)]
    assert [answer.status for answer in troubled] == [status] * 3
    assert Task.from_json(talk.read(row.id)).phase is Phase.WAITING


def test_read_says_an_unknown_word_while_it_runs(talk: Talk, clock: Clock) -> None:
    row = talk.make("kite [unknown-word]")
    clock.at += 1
    talk.tick()
    task = Task.from_json(talk.read(row.id))
    assert (task.status, task.phase) == ("polishing", Phase.RENDERING)


def test_read_has_no_address_twice_then_one(talk: Talk) -> None:
    row = talk.make_done("kite [no-url]")
    assert [bool(Task.from_json(talk.read(row.id)).url) for _ in range(4)] == [False, False, True, True]


def test_read_never_has_an_address(talk: Talk) -> None:
    row = talk.make_done("kite [never-url]")
    tasks = [Task.from_json(talk.read(row.id)) for _ in range(4)]
    assert {(task.phase, task.url) for task in tasks} == {(Phase.DONE, None)}
    assert talk.get(f"/v1/videos/{row.id}/content").status == 400


def test_tasks_are_listed_by_prompt_and_callback(talk: Talk) -> None:
    talk.make("one", callback_url="http://studio.test/a")
    talk.make("two")
    talk.post(wish(prompt="two", seconds=99))
    everything, twos = body(talk.get("/sandbox/tasks")), body(talk.get("/sandbox/tasks?prompt=two"))
    assert (everything["count"], twos["count"], len(twos["posts"])) == (2, 1, 2)
    assert body(talk.get("/sandbox/tasks?callback_url=http://studio.test/a"))["tasks"][0]["prompt"] == "one"
