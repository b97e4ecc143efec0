"""The studio's own settings, with data in a throw-away directory and fast passwords."""

import atexit
import os
import shutil
import tempfile

if "DATA_DIR" not in os.environ:
    os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="relayweb-test-")
    atexit.register(shutil.rmtree, os.environ["DATA_DIR"], ignore_errors=True)
if worker := os.environ.get("PYTEST_XDIST_WORKER"):  # tests side by side share no file
    os.environ["DATA_DIR"] = f"{os.environ['DATA_DIR']}/{worker}"
for name in ("RELAY_API_KEY", "RELAY_BASE_URL", "PUBLIC_URL", "STUDIO_PASSWORD"):
    os.environ.pop(name, None)

if os.environ.get("REDIS_URL"):  # tests side by side: a database number for each worker
    number = (worker or "gw0").removeprefix("gw")
    os.environ["REDIS_URL"] = f"{os.environ['REDIS_URL'].rpartition('/')[0]}/{number}"

from relayweb.settings import *  # noqa: E402, F403
from relayweb.settings import STATIC_ROOT, STORAGES  # noqa: E402

STATIC_ROOT.mkdir(exist_ok=True)  # whitenoise warns of a directory that is not there

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
