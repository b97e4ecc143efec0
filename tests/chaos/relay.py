"""A sandbox relay in a process of its own that renders each size once: a task's clip is that one, with its seed added.

python -m tests.chaos.relay --data DIR --port 0 [--wait 0.5] [--submit-seconds 0]
"""

import argparse
import os
import shutil
import signal
import struct
import threading
import time
from pathlib import Path
from typing import Any

from generations.sandbox import engine
from generations.sandbox.listener import Listener
from generations.sandbox.messages import Request, Response
from generations.sandbox.render import Clip, render
from generations.sandbox.server import Sandbox, Settings


class CheapRender:
    """Stands where the engine has its render: the same request gives the same bytes, another seed others."""

    def __init__(self) -> None:
        self._plain = render
        self._lock = threading.Lock()

    def __call__(self, clip: Clip, to: Path, *more: Any) -> None:
        kept = to.parent / f"kept-{clip.width_px}x{clip.height_px}-{clip.seconds}-{clip.has_sound}.mp4"
        with self._lock:
            if not kept.exists():
                self._plain(clip, kept, *more)
        draft = to.with_suffix(".draft")
        shutil.copyfile(kept, draft)
        with draft.open("ab") as file:
            file.write(struct.pack(">I4sQ", 16, b"free", clip.seed))
        draft.rename(to)


class SlowSandbox(Sandbox):
    """Takes its time before it answers a submit that it has accepted."""

    submit_seconds = 0.0

    def answer(self, request: Request) -> Response:
        answer = super().answer(request)
        if request.method == "POST":
            time.sleep(self.submit_seconds)
        return answer


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--data", type=Path, required=True)
    words.add_argument("--port", type=int, default=0)
    words.add_argument("--wait", type=float, default=0.5)
    words.add_argument("--submit-seconds", type=float, default=0)
    told = words.parse_args()
    vars(engine)["render"] = CheapRender()
    SlowSandbox.submit_seconds = told.submit_seconds
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with Listener(SlowSandbox(Settings(data=told.data, wait_seconds=told.wait)), port=told.port) as listener:
        print(listener.url, flush=True)  # noqa: T201
        parent = os.getppid()
        while not stop.wait(0.2) and os.getppid() == parent:
            continue


if __name__ == "__main__":
    main()
