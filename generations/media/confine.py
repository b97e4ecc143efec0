"""The main program of a confined child: limits itself, leaves the network, becomes the command.

Standard library only:  python -I -S confine.py CPU_SECONDS MEMORY_BYTES FILE_BYTES command [argument …]

A program of its own, not a `preexec_fn`: that one may deadlock in a process that has threads.
"""

import contextlib
import os
import resource
import sys


def limit(cpu_seconds: int, memory_bytes: int, file_bytes: int) -> None:
    """Where a system has no such limit (macOS: memory), the others still hold."""
    for kind, value in (
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, file_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (value, value))


def leave_network() -> None:
    """A network namespace without any interface, where the system lets us have one."""
    if sys.platform == "linux":
        for flags in (os.CLONE_NEWNET, os.CLONE_NEWUSER | os.CLONE_NEWNET):
            with contextlib.suppress(OSError):
                os.unshare(flags)
                return


if __name__ == "__main__":
    limit(*map(int, sys.argv[1:4]))
    leave_network()
    os.execve(sys.argv[4], sys.argv[4:], {})  # noqa: S606  a list of arguments, no shell
