"""The relay double: accepts, loses, delays, lies, doubles and reorders. It knows the truth, which the checks compare.

It is a function of requests; it draws no pictures and has no sockets. Times are true seconds, not the studio's clock.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from generations.relay.wire import Phase, Shape, Task
from tests.simulation.answers import BREAKS, DELAYS, PAGE, PAGES, REFUSALS, UNREADABLE, WAITS
from tests.simulation.files import Answer, served
from tests.simulation.weather import Weather

SHAPES: tuple[Shape, ...] = ("flat", "openai", "envelope", "envelope")


@dataclass(frozen=True)
class Sender:
    """Whose request it is: what the studio had committed when the request came."""

    attempt_id: int
    label: str
    amount_micros: int  # held for it: what the relay's own list says too


@dataclass
class Rendering:
    """A task that the relay has accepted; what is true of it, whatever is said."""

    task_id: str
    sender: Sender
    model: str
    callback_path: str
    ready_at: float
    ends: Phase
    clip: int
    quota: int
    tokens: int
    figures: str  # "quota", "tokens", "": which of them the relay tells
    shape: Shape
    link_seconds: float
    is_stuck: bool = False
    said_failed: bool = False  # falsely: the relay will bill it all the same
    said_done: bool = False
    is_called_back: bool = False

    def phase(self, at: float) -> Phase:
        if self.is_stuck or at < self.ready_at:
            return Phase.RENDERING
        return self.ends


@dataclass
class Callback:
    path: str
    body: bytes
    about: str


@dataclass
class Double:
    rng: random.Random
    weather: Weather
    clips: tuple[bytes, ...]
    seconds: Callable[[], float]
    wait: Callable[[float], None]  # lets time and others go on in the midst of a request
    note: Callable[[str], None]
    bound: Callable[[], list[str]]  # the tasks that the studio has bound to an attempt
    tasks: dict[str, Rendering] = field(default_factory=dict)
    outbox: list[Callback] = field(default_factory=list)

    # ------------------------------------------------------------------ submit

    def submit(self, request: httpx.Request, sender: Sender) -> httpx.Response:
        """Raises what httpx raises when the line breaks."""
        fault = self.weather.pick("submit")
        self.note(f"POST for {sender.label}: {fault or 'ok'}")
        refusal = self._refusal(fault)
        if refusal is not None:
            return refusal
        if fault == "no_connection":
            raise httpx.ConnectError("refused")
        if fault == "never_arrives":
            raise httpx.ReadTimeout("nothing")
        task = self._accept(json.loads(request.content), sender)
        return self._after(task, fault)

    def _refusal(self, fault: str) -> httpx.Response | None:
        """An answer with which nothing was accepted."""
        if fault in WAITS:
            return error(429, "slow down", **{"Retry-After": str(self.rng.choice(WAITS[fault]))})
        if fault == "proxy_502_not_taken":
            return httpx.Response(502, text=PAGE)
        return error(*REFUSALS[fault]) if fault in REFUSALS else None

    def _after(self, task: Rendering, fault: str) -> httpx.Response:
        """How an accepted request is answered. Raises what httpx raises when the line breaks."""
        if fault in BREAKS:
            raise BREAKS[fault]("broken off")
        if fault in PAGES:
            return httpx.Response(PAGES[fault], text=PAGE)
        if fault == "no_id_taken":
            return httpx.Response(200, json={"status": "submitted"})
        if fault == "foreign_id_taken" and (bound := self.bound()):
            return httpx.Response(200, json={"task_id": self.rng.choice(bound), "status": "submitted"})
        if fault == "callback_first":
            task.ready_at = self.seconds()
            self.call_back(task)
        if fault in DELAYS:
            self.wait(self.rng.uniform(*DELAYS[fault]))
        return httpx.Response(200, json={"task_id": task.task_id, "status": "submitted"})

    def _accept(self, body: dict[str, object], sender: Sender) -> Rendering:
        def has(fault: str) -> bool:
            return self.weather.has("task", fault)

        factor = 1.4 if has("dearer") else 0.6 if has("cheaper") else 1.0
        metadata = body.get("metadata")
        callback_url = metadata.get("callback_url", "") if isinstance(metadata, dict) else ""
        seconds = 0.0 if has("instant") else self.rng.choice((2.0, 10.0, 120.0))
        task = Rendering(
            task_id=f"task_{len(self.tasks) + 1}",
            sender=sender,
            model=str(body["model"]),
            callback_path=urlsplit(callback_url).path,
            ready_at=self.seconds() + seconds,
            ends=Phase.FAILED if has("fails") else Phase.DONE,
            clip=self.rng.randrange(len(self.clips)),
            quota=int(sender.amount_micros * factor) // 2,
            tokens=int(40_000 * factor),
            figures="" if has("no_figures") else self.rng.choice(("quota", "quota", "tokens")),
            shape=self.rng.choice(SHAPES),
            link_seconds=60.0 if has("short_link") else 86_400.0,
            is_stuck=has("stuck"),
        )
        self.tasks[task.task_id] = task
        return task

    # ------------------------------------------------------------------ read

    def read(self, task_id: str) -> httpx.Response:
        """Raises what httpx raises when the line breaks."""
        fault = self.weather.pick("read")
        self.note(f"GET {task_id}: {fault or 'ok'}")
        task = self.tasks.get(task_id)
        if task is None or fault == "not_found":
            return httpx.Response(404, json={"code": "task_not_exist", "message": "task_not_exist", "data": None})
        if fault == "timeout":
            raise httpx.ReadTimeout("nothing")
        if fault in UNREADABLE:
            status, text = UNREADABLE[fault]
            return httpx.Response(status, text=text)
        if fault == "slow":
            self.wait(self.rng.uniform(1, 30))
        said = self._said(task, fault)
        return httpx.Response(200, json=said.to_json(self._shape(task, said)))

    def _said(self, task: Rendering, fault: str) -> Task:
        truth = self.told(task)
        task.said_done = task.said_done or truth.phase is Phase.DONE
        match fault:
            case "other_task":
                return _changed(truth, task_id="task_of_somebody")
            case "strange_word" if truth.phase is Phase.RENDERING:
                return _changed(truth, status="CONTEMPLATING")
            case "goes_back" if truth.phase is Phase.DONE:
                return _changed(truth, phase=Phase.RENDERING, status="running", url=None, quota=None, tokens=None)
            case "no_url" if truth.phase is Phase.DONE:
                return _changed(truth, url=None)
            case "bad_url" if truth.phase is Phase.DONE:
                return _changed(truth, url="http://169.254.169.254/latest/meta-data")
            case "false_failure" if truth.phase is Phase.RENDERING:
                task.said_failed = True
                return _changed(truth, phase=Phase.FAILED, status="failed", error_message="blocked")
        return truth

    def told(self, task: Rendering) -> Task:
        """What an honest relay says of it now."""
        now, phase = self.seconds(), task.phase(self.seconds())
        is_done = phase is Phase.DONE
        return Task(
            task_id=task.task_id,
            phase=phase,
            status={Phase.RENDERING: "running", Phase.DONE: "succeeded", Phase.FAILED: "failed"}[phase],
            progress=50,
            url=f"http://127.0.0.1:9/results/{task.task_id}/{round(now + task.link_seconds)}.mp4" if is_done else None,
            quota=task.quota if is_done and task.figures == "quota" else None,
            tokens=task.tokens if is_done and task.figures == "tokens" else None,
            error_code="" if phase is not Phase.FAILED else "Blocked",
            error_message="" if phase is not Phase.FAILED else "content blocked",
            model=task.model,
        )

    def _shape(self, task: Rendering, said: Task) -> Shape:
        return "failed" if said.phase is Phase.FAILED and task.shape == "flat" else task.shape

    # ------------------------------------------------------------------ callbacks

    def work(self) -> None:
        """Tasks that have come to their end are called back, once each; what becomes of it is the weather's."""
        for task in self.tasks.values():
            is_over = task.phase(self.seconds()) in (Phase.DONE, Phase.FAILED)
            if is_over and not task.is_called_back:
                self.call_back(task)

    def call_back(self, task: Rendering) -> None:
        task.is_called_back = True
        if not task.callback_path:
            return
        fault = self.weather.pick("callback")
        if fault == "dropped":
            return
        said = self._called(task, fault)
        body = json.dumps(said.to_json(self._shape(task, said))).encode()
        callback = Callback(task.callback_path, body, f"{task.task_id}{' ' + fault if fault else ''}")
        self.outbox += [callback] * (3 if fault == "doubled" else 1)

    def _called(self, task: Rendering, fault: str) -> Task:
        """A callback's words; what it says of the outcome may be a lie, for nobody may trust it."""
        truth = self.told(task)
        match fault:
            case "lies" if truth.phase is Phase.DONE:
                return _changed(truth, phase=Phase.FAILED, status="failed", error_message="forged", url=None)
            case "lies" | "early_word":
                return _changed(truth, phase=Phase.DONE, status="succeeded", quota=2)
            case "names_another":
                return _changed(truth, task_id=self.another(task))
        return truth

    def swapped(self, task: Rendering) -> bytes:
        """A callback's body that names another task than this one."""
        return json.dumps({"task_id": self.another(task), "status": "succeeded"}).encode()

    def another(self, task: Rendering) -> str:
        """A task of which the relay's own answers, or the studio's books, show that it is not this one."""
        others = self.unbound_others(task)
        return self.rng.choice(others).task_id if others else self.rng.choice([*self.bound(), "task_999"])

    def unbound_others(self, task: Rendering) -> list[Rendering]:
        """The others that nothing but the relay's own answer keeps from being taken for this one."""
        bound = self.bound()
        return [one for one in self.tasks.values() if _is_other(task, one) and one.task_id not in bound]

    # ------------------------------------------------------------------ files

    def file(self, path: str, headers: dict[str, str]) -> Answer:
        """A result's bytes. Raises what httpcore raises when the line breaks."""
        fault = self.weather.pick("fetch")
        self.note(f"GET {path}: {fault or 'ok'}")
        if fault == "slow":
            self.wait(self.rng.uniform(1, 60))
        task_id, expires_at = _file_of(path)
        task = self.tasks.get(task_id)
        if task is None or task.phase(self.seconds()) is not Phase.DONE or self.seconds() > expires_at:
            return Answer(404, b"gone")
        return served(self.clips[task.clip], fault, headers, self.rng)

    def calm_down(self) -> None:
        """From here on it is honest and quick, and tries its callbacks again."""
        self.weather.clear()
        for task in self.tasks.values():
            task.is_stuck = False
            task.ready_at = min(task.ready_at, self.seconds() + 15)


def _is_other(task: Rendering, other: Rendering) -> bool:
    """Whether the relay's own answer about `other` shows that it is not `task`: not every shape names the model."""
    return other.model != task.model and other.shape != "flat"


def error(status: int, message: str, **headers: str) -> httpx.Response:
    said = {"error": {"message": message, "type": "relay_error", "code": f"e{status}"}}
    return httpx.Response(status, json=said, headers=headers)


def _changed(task: Task, **changes: object) -> Task:
    kept = {name: getattr(task, name) for name in Task.__dataclass_fields__}
    return Task(**(kept | changes))


def _file_of(path: str) -> tuple[str, float]:
    """/results/task_1/86400.mp4 or /v1/videos/task_1/content -> the task and when the link ends."""
    parts = path.strip("/").split("/")
    if parts[0] == "results":
        return parts[1], float(parts[2].removesuffix(".mp4"))
    return parts[2], float("inf")
