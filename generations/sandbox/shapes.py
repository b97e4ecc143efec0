"""How a task is told: the answer of a submit and of a read, in the shape that its scenario words ask for."""

from typing import Any

from generations.relay.wire import Phase, Shape, Task
from generations.sandbox.rows import Row, State

PHASES = {
    State.QUEUED: Phase.WAITING,
    State.RUNNING: Phase.RENDERING,
    State.RENDERING: Phase.RENDERING,
    State.DONE: Phase.DONE,
    State.FAILED: Phase.FAILED,
}


def shape_of(row: Row) -> Shape:
    """The envelope, unless a word says otherwise. The barest shape has no place for a clip: done, it is told flat."""
    if "bare" in row.words:
        return "flat" if row.state is State.DONE else "failed"
    if "openai" in row.words:
        return "openai"
    return "flat" if "flat" in row.words else "envelope"


def submitted(row: Row) -> dict[str, Any]:
    """The answer of a submit, in either documented shape."""
    if shape_of(row) == "flat":
        return {"task_id": row.id, "status": "submitted"}
    body = {"id": row.id, "task_id": row.id, "object": "video", "model": row.asked.model}
    return body | {"status": "queued", "progress": 0, "created_at": int(row.created_at)}


def told(row: Row, progress: int, url: str | None, shape: Shape, size: tuple[int, int]) -> dict[str, Any]:
    """The answer of a read. `progress` is 0-100, `url` the clip's address where there is one to tell."""
    is_odd = "unknown-word" in row.words and PHASES[row.state] is Phase.RENDERING
    task = Task(
        task_id=row.id,
        phase=PHASES[row.state],
        status="polishing" if is_odd else "",
        progress=progress,
        url=url,
        error_code=row.error_code,
        error_message=row.error_message,
        quota=row.quota if shape == "envelope" else None,
        tokens=row.tokens,
        expires_at=int(row.expires_at) if row.expires_at and shape == "openai" else None,
        model=row.asked.model,
    )
    return _with_details(task.to_json(shape), row, shape, size)


def _with_details(body: dict[str, Any], row: Row, shape: Shape, size: tuple[int, int]) -> dict[str, Any]:
    """What each shape says besides: times, length, size, an echo of the request."""
    if shape == "flat":
        return body | {"metadata": _echo(row)}
    if shape == "openai":
        times = _known(created_at=row.created_at, completed_at=row.finished_at)
        echo = body.get("metadata", {}) | _echo(row)
        return body | times | {"seconds": str(row.asked.seconds), "size": f"{size[0]}x{size[1]}", "metadata": echo}
    if shape == "envelope":
        times = _known(submit_time=row.created_at, start_time=row.started_at, finish_time=row.finished_at)
        return body | {"data": body["data"] | times}
    return body


def _echo(row: Row) -> dict[str, Any]:
    """What was asked, without the callback's address: its secret is not for whoever reads the task."""
    asked: dict[str, Any] = row.asked.to_json().get("metadata", {})
    return {name: asked[name] for name in ("ratio", "resolution", "generate_audio", "seed") if name in asked}


def _known(**times: float | None) -> dict[str, int]:
    return {name: int(at) for name, at in times.items() if at is not None}
