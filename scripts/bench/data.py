"""Windows per second from the decoded cache, compared with reading CALVIN's npz frame by frame.

    python scripts/bench/data.py --frames 4000 --seconds 5 --out data.json

A window is 10 frames of 2 cameras, 128 and 84 pixels wide. CALVIN's frames are 200 and 84 pixels
wide; they are read from compressed files and resized (the files are in the system's cache, which
makes them faster). The upper limit is a plain copy of as many bytes. `threads` windows are gathered
at the same time, as a loader in front of several devices would do. Medians of `--repeats` runs.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import table

from longhaul.demos.cache import build_cache
from longhaul.demos.calvin.source import NO_LANGUAGE, CalvinSource
from longhaul.demos.resize import resize
from longhaul.demos.windows import Windows

LENGTH, BATCH = 10, 64
SIZES = {"rgb_static": 128, "rgb_gripper": 84}
PLAY = 500
"""Frames of one trajectory of the dataset that the bench makes."""


def make_dataset(folder: Path, frames: int) -> CalvinSource:
    """Write frames that compress about as well as rendered ones: flat areas and a little noise."""
    random = np.random.default_rng(0)
    for number in range(frames):
        arrays: dict[str, Any] = {
            "robot_obs": random.normal(size=15),
            "scene_obs": random.normal(size=24),
            "actions": random.normal(size=7),
            "rel_actions": random.normal(size=7),
        }
        for name, side in (("rgb_static", 200), ("rgb_gripper", 84)):
            patches = np.kron(random.integers(0, 250, (10, 10, 3)), np.ones((20, 20, 1)))
            noise = random.integers(0, 4, (side, side, 3))
            arrays[name] = (patches[:side, :side] + noise).astype(np.uint8)
        np.savez_compressed(folder / f"episode_{number:07d}.npz", **arrays)
    starts = np.arange(0, frames, PLAY)
    np.save(folder / "ep_start_end_ids.npy", np.stack([starts, starts + PLAY - 1], axis=1))
    return CalvinSource(folder, language=NO_LANGUAGE)


def rate(work: Callable[[], int], seconds: float, threads: int = 1) -> tuple[float, float]:
    """Return the count of `work` per second of wall time and per second of CPU time."""
    end = time.monotonic() + seconds

    def repeat(_: int) -> int:
        done = 0
        while time.monotonic() < end:
            done += work()
        return done

    began, cpu = time.monotonic(), time.process_time()
    with ThreadPoolExecutor(threads) as pool:
        done = sum(pool.map(repeat, range(threads)))
    return done / (time.monotonic() - began), done / (time.process_time() - cpu)


def main() -> int:
    arguments = table.parser(__doc__)
    arguments.add_argument("--frames", type=int, default=4000)
    arguments.add_argument("--seconds", type=float, default=4.0)
    arguments.add_argument("--repeats", type=int, default=3)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "calvin"
        folder.mkdir()
        source = make_dataset(folder, given.frames // PLAY * PLAY)
        began = time.monotonic()
        cache = build_cache(source, SIZES, Path(scratch) / "cache")
        built = time.monotonic() - began
        windows = Windows(cache, LENGTH, within="trajectory", holdout=0)
        random = np.random.default_rng(0)
        size = sum(side * side * 3 * LENGTH for side in SIZES.values())
        block = np.ones(size * BATCH, np.uint8)
        into = [np.empty_like(block) for _ in range(2)]

        def gather() -> int:
            windows.batch(random.integers(len(windows), size=BATCH))
            return BATCH

        def copy() -> int:
            np.copyto(into[int(random.integers(2))], block)
            return BATCH

        def read() -> int:
            first = int(random.integers(PLAY - LENGTH))
            for name, side in SIZES.items():
                pictures = [source._read(first + t, [name])[name] for t in range(LENGTH)]
                resize(np.stack(pictures), side)
            return 1

        rows = []
        ways = (("cache", gather, 1), ("cache", gather, 2), ("plain copy", copy, 2))
        for name, work, threads in (*ways, ("CALVIN npz", read, 1), ("CALVIN npz", read, 2)):
            found = [rate(work, given.seconds, threads) for _ in range(given.repeats)]
            wall, cpu = (statistics.median(values) for values in zip(*found, strict=True))
            gigabytes = wall * size / 1e9
            rows.append(
                {
                    "from": name,
                    "threads": threads,
                    "windows/s": wall,
                    "windows/CPU-s": cpu,
                    "GB/s": gigabytes,
                }
            )
    table.show(f"windows of {LENGTH} frames x 2 cameras; cache built in {built:.1f} s", rows)
    table.write(given.out, {"rows": rows, "cache_s": built, "frames": len(cache.actions)})
    return 0


if __name__ == "__main__":
    sys.exit(main())
