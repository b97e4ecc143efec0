"""Runs a command beside throw-away servers: python -m tests.services postgres redis s3 -- COMMAND …"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import ExitStack

from tests.services import servers

SERVERS = {
    "postgres": ("DATABASE_URL", servers.postgres),
    "redis": ("REDIS_URL", servers.redis),
    "s3": ("MEDIA_S3_URL", servers.s3),
}


def main(words: list[str]) -> int:
    cut = words.index("--") if "--" in words else len(words)
    names, command = words[:cut], words[cut + 1 :]
    if not command or not set(names) <= SERVERS.keys():
        print(__doc__, file=sys.stderr)  # noqa: T201
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with ExitStack() as stack:
        started = {SERVERS[name][0]: stack.enter_context(SERVERS[name][1]()) for name in names}
        return subprocess.run(command, env=os.environ | started).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
