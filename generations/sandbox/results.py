"""The bytes of a finished clip, by its expiring address or by its task's id; Range, and the troubles asked for."""

import re
from pathlib import Path

from generations.sandbox.engine import Engine
from generations.sandbox.messages import Complaint, Request, Response, Slice
from generations.sandbox.rows import Row, State
from generations.sandbox.store import Store

CUT_DOWNLOADS = 2
READS_WITHOUT_ADDRESS = 2
PAGE = b"<html><head><title>Not a clip</title></head><body><h1>This is not a clip</h1></body></html>"


def has_address(row: Row) -> bool:
    """Whether a read tells where the clip lies."""
    is_early = "no-url" in row.words and row.done_reads <= READS_WITHOUT_ADDRESS
    return row.state is State.DONE and "never-url" not in row.words and not is_early


def by_address(request: Request, token: str, store: Store, engine: Engine) -> Response:
    """No key is asked: the address is the secret. 404 unknown or gone, 403 expired."""
    address, now = store.fetch_address(token), engine.clock()
    if address is None:
        return plain(404, "not found")
    row = store.task(address.task_id)
    if "expires" in row.words and store.count_addresses(row.id) == 1:
        store.expire_address(token, now)
        return plain(403, "request has expired")
    if now >= address.expires_at:
        return plain(403, "request has expired")
    answer = _clip(request, row, engine)
    is_cut = "cut" in row.words and address.fetches <= CUT_DOWNLOADS
    return cut(answer) if is_cut else answer


def content(request: Request, row: Row, engine: Engine) -> Response:
    """GET /v1/videos/{id}/content. Raises Complaint when there is no clip to send."""
    if row.state is State.FAILED:
        raise Complaint(400, "video_failed", row.error_message)
    if not has_address(row):
        raise Complaint(400, "video_not_ready", "the video is not ready")
    return _clip(request, row, engine)


def _clip(request: Request, row: Row, engine: Engine) -> Response:
    path = engine.clip_path(row.id)
    if "gone" in row.words or not path.is_file():
        return plain(404, "not found")
    if "wrong-type" in row.words:
        return Response(headers={"Content-Type": "video/mp4"}, body=PAGE)
    return ranged(request, path, f'"{row.id}"')


def ranged(request: Request, path: Path, etag: str, content_type: str = "video/mp4") -> Response:
    """The file, or the single range of it that is asked for. A range that makes no sense is passed over."""
    size = path.stat().st_size
    headers = {"Content-Type": content_type, "Accept-Ranges": "bytes", "ETag": etag}
    asked = _range(request.headers.get("range", ""), size)
    if asked is None or request.headers.get("if-range", etag) != etag:
        return Response(headers=headers, body=Slice(path=path, start=0, length_bytes=size))
    start, end = asked
    if start >= size or end < start:
        return Response(status=416, headers=headers | {"Content-Range": f"bytes */{size}"})
    part = Slice(path=path, start=start, length_bytes=end - start + 1)
    return Response(status=206, headers=headers | {"Content-Range": f"bytes {start}-{end}/{size}"}, body=part)


def _range(header: str, size: int) -> tuple[int, int] | None:
    """First and last byte, the last within the file."""
    found = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", header.strip())
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        return (max(0, size - int(found[2])), size - 1) if int(found[2]) else (size, size - 1)
    return int(found[1]), min(int(found[2]), size - 1) if found[2] else size - 1


def cut(answer: Response) -> Response:
    return Response(status=answer.status, headers=answer.headers, body=answer.body, sent_bytes=answer.length_bytes // 2)


def plain(status: int, text: str) -> Response:
    return Response(status=status, headers={"Content-Type": "text/plain"}, body=text.encode())
