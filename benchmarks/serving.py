"""How fast media/serving.py hands out stored bytes against bare reading of the same file: MB/s of both and their ratio.

Run: python -m benchmarks.serving [MEGABYTES]
"""
# ruff: noqa: E402

import atexit
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import cast

os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="relayweb-benchmark-")
atexit.register(shutil.rmtree, os.environ["DATA_DIR"])
os.environ["DJANGO_SETTINGS_MODULE"] = "relayweb.settings"

import django

django.setup()

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import StreamingHttpResponse
from django.test import RequestFactory

from generations.media import serving

ROUNDS = 7
NAME = "media/be/benchmark.mp4"


def bare() -> Iterator[bytes]:
    with Path(default_storage.path(NAME)).open("rb", buffering=0) as file:
        while block := file.read(serving.BLOCK_BYTES):
            yield block


def served(**headers: str) -> Iterable[bytes]:
    """As a WSGI server does: what it sends is the response, block by block."""
    request = RequestFactory().get("/", headers=headers)
    response = serving.serve(request, NAME, content_type="video/mp4", etag="benchmark", download_name="clip.mp4")
    return cast(StreamingHttpResponse, response)


def best_seconds(read: Callable[[], Iterable[bytes]], expected_bytes: int) -> float:
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        found = sum(map(len, read()))
        times.append(time.perf_counter() - start)
        assert found == expected_bytes
    return min(times)


def main(megabytes: int) -> None:
    size_bytes = megabytes * 1_000_000
    default_storage.save(NAME, ContentFile(os.urandom(size_bytes)))
    rates = {
        "bare file": megabytes / best_seconds(bare, size_bytes),
        "serve, whole": megabytes / best_seconds(served, size_bytes),
        "serve, a range": megabytes / best_seconds(lambda: served(Range="bytes=0-"), size_bytes),
    }
    for name, rate in rates.items():
        print(f"{name:15} {rate:8.0f} MB/s  ratio {rate / rates['bare file']:.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
