"""What a confined child may not do."""

import sys

import pytest

from generations.media import child
from generations.media.errors import TooSlow

LIMITS = child.Limits(deadline_seconds=20, cpu_seconds=5)
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="this limit is Linux's")


def run(program: str, limits: child.Limits = LIMITS) -> child.Ended:
    return child.run([sys.executable, "-I", "-c", program], limits)


def test_run_gives_output_complaint_and_status() -> None:
    ended = run("import sys; print('found'); print('odd', file=sys.stderr); sys.exit(3)")
    assert ended == (3, "found", "odd")


def test_run_keeps_the_end_of_a_long_output() -> None:
    assert run("print('x' * 200_000 + 'end')").output.endswith("xend")
    assert len(run("print('x' * 200_000)").output) < 70_000


def test_child_has_no_environment_and_no_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELAY_API_KEY", "sbx-secret")
    ended = run("import os, sys; print(sorted(set(os.environ) - {'LC_CTYPE'}), repr(sys.stdin.read()))")
    assert ended.output == "[] ''"


def test_child_may_not_write_large_files() -> None:
    ended = run("print('x' * 5000)", child.Limits(deadline_seconds=20, cpu_seconds=5, file_bytes=1000))
    assert ended.status != 0


@LINUX
def test_child_may_not_take_much_memory() -> None:
    ended = run(
        "x = bytearray(600 * 1024**2)", child.Limits(deadline_seconds=20, cpu_seconds=5, memory_bytes=500 * 1024**2)
    )
    assert "MemoryError" in ended.complaint


def test_child_may_not_count_for_ever() -> None:
    assert run("while True: pass", child.Limits(deadline_seconds=30, cpu_seconds=1)).status < 0


def test_child_is_stopped_at_its_deadline() -> None:
    with pytest.raises(TooSlow):
        run("import time; time.sleep(60)", child.Limits(deadline_seconds=0.3, cpu_seconds=5))


def test_child_has_no_network_where_the_system_allows() -> None:
    listing = (
        "import os, socket; print([name for _, name in socket.if_nameindex()] if hasattr(os, 'unshare') else ['lo'])"
    )
    allowed = run("import os; os.unshare(os.CLONE_NEWUSER | os.CLONE_NEWNET)").status == 0
    assert run(listing).output == "['lo']" or not allowed
