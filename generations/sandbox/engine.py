"""The life of a task after its submit: the waiting that is played, the render, the end, its callbacks.

One loop, two renders at once. The rows say what is due, so a restart goes on where it was. Answers are server.py's.
"""

import logging
import shutil
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

import httpx

from generations.sandbox.inputs import BadInput, Given, Inputs, seconds_of
from generations.sandbox.menu import Menu
from generations.sandbox.render import Children, Clip, RenderFailed, render
from generations.sandbox.rows import Callback, Row, State
from generations.sandbox.scenarios import without_words
from generations.sandbox.store import Store
from generations.sandbox.upscales import larger

RENDERS_AT_ONCE = 2
RESULT_LIFE_SECONDS = 86_400  # Source: contract, Read: 24 hours in the model's own API
QUEUED_SHARE = 1 / 3  # of the waiting; the rest is played as running
PLAYED_PERCENT = 20  # of the progress; the rest is ffmpeg's
STUCK_PERCENT = 40
LATE_SECONDS = 10.0
SLOW_TIMES = 10
RETRY_SECONDS = (1, 2, 4, 8, 16, 32, 64)
SWEEP_SECONDS = 60.0
NO_ANSWER = (httpx.HTTPError, httpx.InvalidURL, ValueError)

log = logging.getLogger(__name__)


class Engine:
    """Moves tasks on. `send` posts the callback of a task to its URL and gives the answer's status.

    `inputs` fetches what a task is shown.
    """

    def __init__(
        self,
        store: Store,
        menu: Menu,
        clips: Path,
        wait_seconds: float,
        send: Callable[[Row, str], int],
        inputs: Inputs,
        clock: Callable[[], float],
    ) -> None:
        self.store, self.menu, self.clips, self.wait_seconds = store, menu, clips, wait_seconds
        self._send, self._inputs, self.clock = send, inputs, clock
        self._children = Children()
        self._progress: dict[str, int] = {}
        self._sending: set[int] = set()
        self._renderers = ThreadPoolExecutor(RENDERS_AT_ONCE, "render")
        self._woken, self._stopped = Event(), Event()
        self._thread = Thread(target=self._loop, name="engine", daemon=True)
        self._swept_at = 0.0

    def start(self) -> None:
        for leftover in (*self.clips.glob("layers-*"), *self.clips.glob("inputs-*")):
            shutil.rmtree(leftover, ignore_errors=True)
        self.store.take_up_renders(self.clock())
        self._thread.start()

    def stop(self) -> None:
        """End every ffmpeg and the loop. What was under way is taken up again by the next start."""
        self._stopped.set()
        self._woken.set()
        self._children.stop()
        self._renderers.shutdown(wait=True, cancel_futures=True)
        if self._thread.is_alive():
            self._thread.join(3)

    def wake(self) -> None:
        self._woken.set()

    def clip_path(self, task_id: str) -> Path:
        return self.clips / f"{task_id}.mp4"

    def waiting_seconds(self, words: frozenset[str]) -> float:
        return self.wait_seconds * (SLOW_TIMES if "slow" in words else 1)

    def first_due_at(self, words: frozenset[str], now: float) -> float:
        """When a task that is submitted now begins to run."""
        return now + self.waiting_seconds(words) * QUEUED_SHARE

    def progress(self, row: Row, now: float) -> int:
        """0-100: first from the waiting that is played, then what ffmpeg tells."""
        if row.state in (State.DONE, State.FAILED):
            return 100
        if row.state is State.QUEUED or row.started_at is None:
            return 0
        if row.state is State.RENDERING:
            return min(99, PLAYED_PERCENT + self._progress.get(row.id, 0) * (100 - PLAYED_PERCENT) // 100)
        most = STUCK_PERCENT if "stuck" in row.words else PLAYED_PERCENT
        length = max(0.001, self.waiting_seconds(row.words) * (1 - QUEUED_SHARE))
        return min(most, int(most * (now - row.started_at) / length))

    def _loop(self) -> None:
        while not self._stopped.is_set():
            self._woken.clear()
            try:
                self.tick(self.clock())
                self._woken.wait(self._pause_seconds())
            except Exception:
                log.exception("the sandbox's loop goes on after an error")
                self._stopped.wait(1)

    def _pause_seconds(self) -> float:
        """Until something is due. A callback that is being sent stays due, and is looked at now and then."""
        due_at = self.store.next_due_at()
        return 1.0 if due_at is None else min(1.0, max(0.05, due_at - self.clock()))

    def tick(self, now: float) -> None:
        """Move on everything that is due."""
        for row in self.store.due_tasks(now):
            self._move(row, now)
        for callback in self.store.due_callbacks(now):
            if callback.id not in self._sending:
                self._sending.add(callback.id)
                Thread(target=self._call_back, args=(callback,), name="callback", daemon=True).start()
        if now - self._swept_at >= SWEEP_SECONDS:
            self._swept_at = now
            self._sweep(now)

    def _sweep(self, now: float) -> None:
        for row in self.store.spent_tasks(now):
            self.clip_path(row.id).unlink(missing_ok=True)

    def _move(self, row: Row, now: float) -> None:
        if row.state is State.QUEUED:
            rest_seconds = self.waiting_seconds(row.words) * (1 - QUEUED_SHARE)
            self.store.start_task(row.id, now, None if "stuck" in row.words else now + rest_seconds)
        elif "fail" in row.words:
            self._fail(row, now, "InternalServiceError", "the model failed while it rendered")
        elif "blocked" in row.words:
            self._fail(row, now, "OutputVideoSensitiveContentDetected", "content blocked: the clip may be sensitive")
        else:
            self.store.render_task(row.id)
            self._renderers.submit(self._render, row)

    def _render(self, row: Row) -> None:
        try:
            with tempfile.TemporaryDirectory(prefix="inputs-", dir=self.clips) as folder:
                given = self._inputs.fetch(row.asked.content, Path(folder))
                clip = self.clip(row, given)
                render(clip, self.clip_path(row.id), self._children, lambda done: self._tell(row.id, done))
            self.finish(row, seconds_of(given))
        except BadInput as bad:
            self._fail(row, self.clock(), bad.code, str(bad))
        except Exception as problem:
            if self._stopped.is_set():
                return
            if not isinstance(problem, RenderFailed):
                log.exception("rendering %s", row.id)
            self._fail(row, self.clock(), "InternalServiceError", f"the sandbox could not render it: {problem}")
        finally:
            self._progress.pop(row.id, None)
            self.wake()

    def _tell(self, task_id: str, percent: int) -> None:
        self._progress[task_id] = percent

    def pause(self, seconds: float) -> bool:
        """Wait so long. True when the sandbox is stopped meanwhile."""
        return self._stopped.wait(seconds)

    def clip(self, row: Row, given: Sequence[Given] = ()) -> Clip:
        """What a task asks to be rendered, of what it was given."""
        sku = self.menu.skus[row.asked.model]
        width_px, height_px = larger(given[0].medium, sku.resolutions[0]) if sku.is_upscale else sku.size(row.asked)
        resolution = row.asked.resolution or sku.resolutions[0]
        return Clip(
            prompt=without_words(row.asked.prompt) or sku.id,
            note=f"sandbox · {sku.id} · {resolution} · {width_px}x{height_px} · seed {row.seed}",
            seed=row.seed,
            width_px=width_px,
            height_px=height_px,
            seconds=row.asked.seconds,
            has_sound=sku.has_sound(row.asked),
            given=tuple(given),
            is_upscale=sku.is_upscale,
        )

    def finish(self, row: Row, input_seconds: float = 0) -> None:
        now, bill = self.clock(), self.menu.bill(row.asked, row.words, input_seconds)
        figures = (bill.quota, bill.tokens)
        self.store.finish_task(row.id, now, now + RESULT_LIFE_SECONDS, figures, sends_at(row, now))

    def _fail(self, row: Row, now: float, code: str, message: str) -> None:
        self.store.fail_task(row.id, now, code, message, sends_at(row, now))
        self.wake()

    def call_early(self, row: Row) -> None:
        """Before the submit is answered; an answer is not waited for twice."""
        if row.asked.callback_url:
            with suppress(*NO_ANSWER):
                self._send(row, row.asked.callback_url)

    def _call_back(self, callback: Callback) -> None:
        """Send once; a failure is tried again, later and later, and given up after the last."""
        try:
            status = self._send(self.store.task(callback.task_id), callback.url)
            answer = str(status)
        except NO_ANSWER as problem:
            status, answer = 0, type(problem).__name__
        due_at = None
        if not 200 <= status < 300 and callback.tries < len(RETRY_SECONDS):
            due_at = self.clock() + RETRY_SECONDS[callback.tries]
        if not self._stopped.is_set():
            self.store.answer_callback(callback.id, answer, due_at)
        self._sending.discard(callback.id)
        self.wake()


def sends_at(row: Row, now: float) -> list[float]:
    """When the callbacks of a task that ends now are sent."""
    if not row.asked.callback_url or "no-callback" in row.words:
        return []
    first_at = now + (LATE_SECONDS if "callback-late" in row.words else 0)
    return [first_at, first_at] if "callback-twice" in row.words else [first_at]
