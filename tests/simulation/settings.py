"""The tests' settings for the simulator: a database in memory, files on the fastest disk, no key and no network."""

import os
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
FOLDER = str(MEMORY) if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) else None

os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="relayweb-simulation-", dir=FOLDER)
os.environ["DATABASE_URL"] = "sqlite://:memory:"
os.environ.pop("REDIS_URL", None)

from tests.settings import *  # noqa: E402, F403

DATABASES["default"]["OPTIONS"]["cached_statements"] = 1000  # prepared once a schedule, not each time  # noqa: F405
RELAY_URL = "http://127.0.0.1:9/v1"  # an address that nothing listens at: what is sent there goes to the double
PUBLIC_URL = "https://studio.example"
