"""POST /v1/video/generations: the body read and checked, the trouble that its prompt asks for, its task made."""

import json
from collections.abc import Callable

from generations.relay.wire import Malformed, VideoRequest
from generations.sandbox.engine import Engine
from generations.sandbox.menu import Menu
from generations.sandbox.messages import Complaint, Response, as_json, as_page
from generations.sandbox.rows import Row
from generations.sandbox.scenarios import words_in
from generations.sandbox.shapes import submitted
from generations.sandbox.store import Store

# Said every time.
REFUSALS = {
    "refuse": (400, "InputTextSensitiveContentDetected", "the prompt may contain sensitive information"),
    "401": (401, "invalid_api_key", "the key is missing, wrong or revoked"),
    "balance": (403, "insufficient_user_quota", "user quota is not enough"),
    "404": (404, "model_not_found", "the model does not exist"),
    "503": (503, "upstream_error", "the service is not available now"),
}
# Said to the first two of every three posts with the same prompt.
PASSING = {
    "429": (429, "rate_limit_exceeded", "too many requests, slow down"),
    "500": (500, "upstream_error", "the upstream failed"),
}
EVERY = 3


def read_body(body: bytes) -> VideoRequest:
    """Raises Complaint when the body is not a request of the contract."""
    return read(body, VideoRequest.from_json)


def read[T](body: bytes, reader: Callable[[object], T]) -> T:
    """What `reader` makes of the body's JSON. Raises Complaint."""
    try:
        asked = json.loads(body)
        json.dumps(asked, ensure_ascii=False).encode()
        return reader(asked)
    except Malformed as problem:
        raise Complaint(400, "invalid_parameter", problem.message) from None
    except (ValueError, RecursionError):
        raise Complaint(400, "invalid_json", "the body is not JSON") from None


def submit(asked: VideoRequest, origin: str, store: Store, menu: Menu, engine: Engine) -> Response:
    """The answer to a post. Keeps the post, whatever is answered, and its task where one was made."""
    now, words = engine.clock(), words_in(asked.prompt)
    post_id, earlier = store.add_post(asked.model, asked.prompt, asked.callback_url, now)
    if refused := trouble(words, earlier):
        store.answer_post(post_id, str(refused.status), None)
        return refused
    try:
        menu.check(asked)
    except Complaint as complaint:
        store.answer_post(post_id, str(complaint.status), None)
        raise
    row = store.add_task(asked, words, origin, now, engine.first_due_at(words, now))
    store.answer_post(post_id, "accepted", row.id)
    engine.wake()
    if "callback-early" in words:
        engine.call_early(row)
    return _answer(row)


def trouble(words: frozenset[str], earlier: int) -> Response | None:
    """What is answered instead of making anything."""
    said = [refusal for word, refusal in REFUSALS.items() if word in words]
    if earlier % EVERY < EVERY - 1:
        said += [passing for word, passing in PASSING.items() if word in words]
    for status, code, message in said:
        headers = {"Retry-After": "1"} if status == 429 else {}
        return Complaint(status, code, message).answer(headers)
    return as_page(502, "502 Bad Gateway") if "502" in words else None


def _answer(row: Row) -> Response:
    """What is answered when the task was made."""
    return lost(row.words) or as_json({"status": "submitted"} if "no-id" in row.words else submitted(row))


def lost(words: frozenset[str]) -> Response | None:
    """What is answered by a relay, or a proxy before it, that made what was asked and does not say so."""
    if "lost-answer" in words:
        return Response(is_lost=True)
    if "504" in words:
        return as_page(504, "504 Gateway Time-out")
    return as_page(200, "One moment, please") if "html" in words else None
