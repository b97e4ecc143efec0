"""Room on the media disk, and files that live for a moment in DATA_DIR/tmp."""

import contextlib
import datetime as dt
import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from generations.media.errors import DiskFull

MIN_FREE_SHARE = 0.05
MIN_FREE_BYTES = 200 * 1024**2
TEMP_LIFE = dt.timedelta(hours=6)  # no download and no ffmpeg of ours runs that long


def free_space_ok() -> bool:
    """Whether the disks of media and data have room for more: at least 5 % and 200 MB free."""
    disks = (shutil.disk_usage(_existing(Path(path))) for path in (settings.MEDIA_ROOT, settings.DATA_DIR))
    return all(disk.free >= max(MIN_FREE_BYTES, disk.total * MIN_FREE_SHARE) for disk in disks)


def require_space() -> None:
    """Raises DiskFull."""
    if not free_space_ok():
        raise DiskFull("less than 5 % or 200 MB free on the media disk")


@contextlib.contextmanager
def disk_full_named() -> Iterator[None]:
    """Writing in this block raises DiskFull when the disk or the quota is full."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(str(error)) from error
        raise


@contextlib.contextmanager
def temp_file(suffix: str = "") -> Iterator[Path]:
    """An empty file readable by us only, on the data disk; gone after the block."""
    with disk_full_named():
        descriptor, name = tempfile.mkstemp(suffix, dir=temp_dir())
    os.close(descriptor)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def sweep_temp(now: dt.datetime) -> int:
    """Removes what a killed process left behind. Returns how many files."""
    old = [path for path in temp_dir().iterdir() if _is_old(path, now)]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _is_old(path: Path, now: dt.datetime) -> bool:
    try:
        found = path.stat()
    except FileNotFoundError:  # its owner was faster
        return False
    return stat.S_ISREG(found.st_mode) and found.st_mtime < (now - TEMP_LIFE).timestamp()


def temp_dir() -> Path:
    path = Path(settings.DATA_DIR) / "tmp"
    path.mkdir(parents=True, exist_ok=True)
    return path


def _existing(path: Path) -> Path:
    """The path, or its nearest parent that exists."""
    return path if path.exists() else _existing(path.parent)
