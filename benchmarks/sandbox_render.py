"""How long the sandbox renders: wall seconds of a 5 s 4K clip with sound, the median of three, against its own length.

Run: python -m benchmarks.sandbox_render
"""

import os
import statistics
import tempfile
import time
from pathlib import Path

from generations.sandbox.render import Children, Clip, render

RUNS = 3
LIMIT_SECONDS = 6.0
CLIP = Clip(
    prompt="A fox walks through an autumn forest at dusk, soft light",
    note="sandbox · doubao-seedance-2-0-4k · 4k · 3840x2160 · seed 7",
    seed=7,
    width_px=3840,
    height_px=2160,
    seconds=5,
    has_sound=True,
)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        walls = [_wall_seconds(Path(folder) / f"{run}.mp4") for run in range(RUNS)]
    median = statistics.median(walls)
    print(f"5 s of 4K: {median:.2f} s of wall, {median / CLIP.seconds:.2f} of its length, on {os.cpu_count()} cores")
    print(f"runs: {', '.join(f'{wall:.2f}' for wall in walls)}; at most {LIMIT_SECONDS:.0f} s wanted")


def _wall_seconds(path: Path) -> float:
    started_at = time.perf_counter()
    render(CLIP, path, Children(), lambda percent: None)
    return time.perf_counter() - started_at


if __name__ == "__main__":
    main()
