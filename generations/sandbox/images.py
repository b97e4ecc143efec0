"""POST /v1/images/generations: checked, drawn while the caller waits, sold, and given as addresses or as base64."""

import secrets
from dataclasses import replace
from decimal import Decimal
from typing import Any

from generations.relay.images import Image, ImageRequest, ImageResult
from generations.sandbox import stills
from generations.sandbox.engine import Engine
from generations.sandbox.menu import SEED_LIMIT, SLOW_SECONDS
from generations.sandbox.messages import Complaint, Response, as_json
from generations.sandbox.scenarios import without_words, words_in
from generations.sandbox.shelf import Shelf
from generations.sandbox.submits import lost, trouble


def make(asked: ImageRequest, origin: str, shelf: Shelf, engine: Engine) -> Response:
    """The answer to a post; the post is kept, whatever is answered."""
    now, words = engine.clock(), words_in(asked.prompt)
    post_id, earlier = engine.store.add_post(asked.model, asked.prompt, None, now)
    if refused := trouble(words, earlier):
        engine.store.answer_post(post_id, str(refused.status), None)
        return refused
    try:
        model = _check(asked, engine, words)
    except Complaint as complaint:
        engine.store.answer_post(post_id, str(complaint.status), None)
        raise
    if "slow" in words:
        engine.pause(SLOW_SECONDS)
    number = max(1, asked.n - ("fewer" in words))
    images = _images(replace(asked, n=number), model["sizes"][0], origin, shelf, engine.clock())
    quota = int(Decimal(model["price"]) * number * 500_000)
    detail = f"{number} of {asked.size or model['sizes'][0]}"
    shelf.sell(kind="image", model=asked.model, prompt=asked.prompt, quota=quota, detail=detail, now=now)
    engine.store.answer_post(post_id, "accepted", None)
    return lost(words) or as_json(ImageResult(images=images).to_json(int(now)))


def _check(asked: ImageRequest, engine: Engine, words: frozenset[str]) -> dict[str, Any]:
    """The model. Raises Complaint, naming the field."""
    model = engine.menu.other("image", asked.model)
    least, most = model["n"]
    _require(bool(without_words(asked.prompt)), "prompt", "must not be empty")
    _require(least <= asked.n <= most, "n", f"must be from {least} to {most}")
    _require(asked.size in (None, *model["sizes"]), "size", f"must be one of {', '.join(model['sizes'])}")
    _require(asked.seed is None or 0 <= asked.seed < SEED_LIMIT, "seed", f"must be from 0 to {SEED_LIMIT - 1}")
    if words & {"fail", "blocked"}:
        raise Complaint(400, "OutputImageSensitiveContentDetected", "content blocked: the image may be sensitive")
    return model


def _images(asked: ImageRequest, usual_size: str, origin: str, shelf: Shelf, now: float) -> tuple[Image, ...]:
    words = words_in(asked.prompt)
    width_px, height_px = (int(side) for side in (asked.size or usual_size).split("x"))
    first_seed = secrets.randbelow(2**31) if asked.seed is None else asked.seed
    form = "JPEG" if "jpeg" in words else "PNG"
    made = []
    for seed in range(first_seed, first_seed + asked.n):
        note = f"sandbox · {asked.model} · {width_px}x{height_px} · seed {seed}"
        data = stills.encoded(stills.draw(without_words(asked.prompt), note, seed, width_px, height_px), form)
        if asked.form == "b64_json" or "b64" in words:
            made.append(Image(data=data))
        else:
            made.append(Image(url=origin + _shelved(data, form, words, shelf, now)))
    return tuple(made)


def _shelved(data: bytes, form: str, words: frozenset[str], shelf: Shelf, now: float) -> str:
    path = shelf.new_path(".jpg" if form == "JPEG" else ".png")
    path.write_bytes(data)
    return shelf.keep(path, f"image/{form.lower()}", words, now).address


def _require(is_right: bool, param: str, rule: str) -> None:
    if not is_right:
        raise Complaint(400, "invalid_parameter", f"{param} {rule}")
