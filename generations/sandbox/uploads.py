"""POST /v1/files and the addresses of files: a multipart body taken apart, its one file measured and kept."""

import re
from pathlib import Path

from generations.sandbox import results
from generations.sandbox.measuring import MOST_BYTES, Unusable, measure
from generations.sandbox.messages import Complaint, Request, Response, as_json
from generations.sandbox.shelf import Shelf

BODY_BYTES = max(MOST_BYTES.values()) + 65_536  # with what stands around the file
CUT_DOWNLOADS = 2


def take(request: Request, origin: str, shelf: Shelf, now: float) -> Response:
    """Keep the field `file`. Raises Complaint when it is missing, or is nothing that a model could be shown."""
    shelf.sweep(now)
    data = _field(request.body, request.headers.get("content-type", ""), b"file")
    path = shelf.new_path(".part")
    try:
        path.write_bytes(data)
        medium = measure(path)
    except Unusable as unusable:
        path.unlink()
        raise Complaint(400, "invalid_file", f"the file {unusable}") from None
    kept_at = path.with_suffix(medium.suffix)
    path.rename(kept_at)
    kept = shelf.keep(kept_at, medium.content_type, frozenset(), now)
    size_bytes = kept_at.stat().st_size
    return as_json({"id": kept.id, "object": "file", "bytes": size_bytes, "url": origin + kept.address})


def serve(request: Request, name: str, shelf: Shelf, now: float) -> Response:
    """No key is asked: the address is the secret. 404 unknown or gone, 403 expired."""
    kept = shelf.fetch(Path(name).stem)
    if kept is None or "gone" in kept.words:
        return results.plain(404, "not found")
    if now >= kept.expires_at or "expires" in kept.words:
        return results.plain(403, "request has expired")
    if "wrong-type" in kept.words:
        return Response(headers={"Content-Type": kept.content_type}, body=results.PAGE)
    answer = results.ranged(request, shelf.path(kept), f'"{kept.id}"', kept.content_type)
    is_cut = "cut" in kept.words and kept.fetches <= CUT_DOWNLOADS
    return results.cut(answer) if is_cut else answer


def _field(body: bytes, content_type: str, name: bytes) -> memoryview:
    """The bytes of one field of a multipart body, not copied. Raises Complaint when it has none."""
    for head, start, end in _parts(body, content_type):
        if re.search(rb'content-disposition:[^\r\n]*[; ]name="?' + name + rb'"?[;\r\n]', head + b"\r\n", re.IGNORECASE):
            if start == end:
                raise Complaint(400, "invalid_file", "the file is empty")
            return memoryview(body)[start:end]
    raise Complaint(400, "invalid_parameter", "file is required, as a field of multipart/form-data")


def _parts(body: bytes, content_type: str) -> list[tuple[bytes, int, int]]:
    """Of each part: its head, where its content begins and ends."""
    named = re.match(r'multipart/form-data\s*;.*?boundary="?([^";]{1,70})"?', content_type, re.IGNORECASE)
    if named is None:
        return []
    mark, parts = b"--" + named[1].encode(), []
    at = body.find(mark)
    while at >= 0 and not body.startswith(b"--", at + len(mark)):
        head_ends, part_ends = body.find(b"\r\n\r\n", at), body.find(b"\r\n" + mark, at)
        if head_ends < 0 or part_ends < head_ends:
            break
        parts.append((body[at:head_ends], head_ends + 4, part_ends))
        at = part_ends + 2
    return parts
