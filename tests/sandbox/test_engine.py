"""The life of a task: the waiting that is played, its end, what a restart takes up, callbacks."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from generations.sandbox.engine import LATE_SECONDS, RETRY_SECONDS
from generations.sandbox.rows import Row, State
from generations.sandbox.server import Sandbox, Settings
from tests.sandbox.conftest import Clock
from tests.sandbox.talking import Talk, until, wish

CALLBACK = "http://studio.test/cb"


def state_after(talk: Talk, clock: Clock, row: Row, seconds: float) -> State:
    clock.at += seconds
    talk.tick()
    return talk.sandbox.store.task(row.id).state


def callback_after(talk: Talk, tries: int) -> dict[str, Any]:
    until(lambda: talk.sandbox.store.callbacks()[0]["tries"] == tries)
    return talk.sandbox.store.callbacks()[0]


def test_task_waits_then_runs_then_renders(talk: Talk, clock: Clock) -> None:
    row = talk.make()
    states = [state_after(talk, clock, row, seconds) for seconds in (0.9, 0.2, 1.5, 0.6)]
    assert states == [State.QUEUED, State.RUNNING, State.RUNNING, State.RENDERING]


def test_progress_grows_while_the_waiting_is_played(talk: Talk, clock: Clock) -> None:
    row = talk.make()
    state_after(talk, clock, row, 1)
    engine, running = talk.sandbox.engine, talk.sandbox.store.task(row.id)
    assert [engine.progress(running, clock.at + seconds) for seconds in (0, 1, 2, 9)] == [0, 10, 20, 20]


def test_slow_task_waits_ten_times_as_long(talk: Talk, clock: Clock) -> None:
    row = talk.make("kite [slow]")
    assert [state_after(talk, clock, row, seconds) for seconds in (9.9, 0.2)] == [State.QUEUED, State.RUNNING]


def test_stuck_task_stays_at_forty_percent(talk: Talk, clock: Clock) -> None:
    row = talk.make("kite [stuck]")
    assert [state_after(talk, clock, row, seconds) for seconds in (1, 9_999)] == [State.RUNNING, State.RUNNING]
    assert talk.sandbox.engine.progress(talk.sandbox.store.task(row.id), clock.at) == 40


@pytest.mark.parametrize(
    ("word", "code"), [("fail", "InternalServiceError"), ("blocked", "OutputVideoSensitiveContentDetected")]
)
def test_task_fails_after_running_and_is_not_billed(talk: Talk, clock: Clock, word: str, code: str) -> None:
    row = talk.make(f"kite [{word}]")
    assert [state_after(talk, clock, row, seconds) for seconds in (1, 2)] == [State.RUNNING, State.FAILED]
    failed = talk.sandbox.store.task(row.id)
    assert (failed.error_code, failed.quota, failed.tokens) == (code, None, None)


def test_task_that_cannot_be_rendered_fails(talk: Talk, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imageio_ffmpeg.get_ffmpeg_exe", lambda: "/bin/false")
    row = talk.make()
    for _ in range(2):
        state_after(talk, clock, row, 2)
    until(lambda: talk.sandbox.store.task(row.id).state is State.FAILED)
    assert talk.sandbox.store.task(row.id).error_message == "the sandbox could not render it: ffmpeg ended with 1"


def test_restart_takes_up_a_render(tmp_path: Path) -> None:
    first = Sandbox(Settings(data=tmp_path, wait_seconds=0))
    row = Talk(first).make()
    first.store.start_task(row.id, 1, 1)
    first.store.render_task(row.id)
    first.stop()
    second = Sandbox(Settings(data=tmp_path, wait_seconds=0))
    second.start()
    until(lambda: second.store.task(row.id).state is State.DONE)
    assert second.engine.clip_path(row.id).stat().st_size > 10_000
    second.stop()


@pytest.mark.parametrize(
    ("word", "delays"),
    [("", [0.0]), ("no-callback", []), ("callback-twice", [0.0, 0.0]), ("callback-late", [LATE_SECONDS])],
)
def test_finished_task_has_its_callbacks_due(talk: Talk, clock: Clock, word: str, delays: list[float]) -> None:
    talk.make_done(f"kite [{word}]", callback_url=CALLBACK)
    assert [sent["due_at"] - clock.at for sent in talk.sandbox.store.callbacks()] == delays


def test_finished_task_without_a_callback_url_has_none(talk: Talk) -> None:
    talk.make_done()
    assert talk.sandbox.store.callbacks() == []


def test_callback_is_tried_again_later_and_later_then_given_up(
    talk: Talk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(row: Row, url: str) -> int:
        raise httpx.ConnectError("refused")

    monkeypatch.setattr(talk.sandbox.engine, "_send", refuse)
    talk.make_done(callback_url=CALLBACK)
    for tries in range(1, len(RETRY_SECONDS) + 2):
        talk.tick()
        sent = callback_after(talk, tries)
        clock.at = sent["due_at"] or clock.at
    assert (sent["tries"], sent["answer"], sent["due_at"]) == (8, "ConnectError", None)


def test_callback_answered_is_not_sent_again(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(talk.sandbox.engine, "_send", lambda row, url: 204)
    talk.make_done(callback_url=CALLBACK)
    talk.tick()
    sent = callback_after(talk, 1)
    assert (sent["answer"], sent["due_at"], sent["url"]) == ("204", None, CALLBACK)


def test_clip_is_the_size_that_is_asked(talk: Talk) -> None:
    row = talk.make("A kite [slow]", ratio="9:16", model="doubao-seedance-2-0-4k", seconds=15, generate_audio=True)
    clip = talk.sandbox.engine.clip(row)
    assert (clip.width_px, clip.height_px, clip.seconds, clip.has_sound) == (2160, 3840, 15, True)
    assert (clip.prompt, wish().prompt in clip.note) == ("A kite", False)
