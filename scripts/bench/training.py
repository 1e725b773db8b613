"""How fast the small Seer learns, beside another checkout, in turns on the same machine:

    python scripts/bench/training.py --against CHECKOUT [--data FOLDER] [--steps 30] [--repeats 5]

Each run is `scripts/train.py policy=seer recipe=small_cpu` with new weights, first eager, then with
`optimization.compile=true`. Its figures are medians over its steps behind the first WARM: CPU ms of
the whole process per step, and windows of 64 a step per second of CPU and of wall time; start and
compiling are left out. The table has the medians of all repeats; the largest relative difference
of a step's losses between the checkouts is told too. On a loaded machine CPU time with several
threads counts their waiting: there `--threads 1` tells what the work costs. Without `--data`
demonstrations are recorded.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from table import parser, show, write

OURS = Path(__file__).parents[2]
WARM = 5
"""Steps at the start of a run that do not count: caches are cold, and the network is compiled."""

BATCH = 64
"""Windows of a step: the default of longhaul.policies.training.options.Options."""

LOSSES = ("loss", "arm", "gripper", "keyframe", "image")
NETWORKS = {"eager": "false", "compiled": "true"}
"""The two ways in which a network runs, and what optimization.compile is for each."""

TIMED = """
import json, sys, time
from longhaul.__main__ import main
from longhaul.policies.training import train

marks, unchanged = [], train.to_device

def marked(*given):
    marks.append((time.process_time(), time.perf_counter()))
    return unchanged(*given)

train.to_device = marked
code = main(command="train")
print(json.dumps(marks))
sys.exit(code)
"""
"""A program that trains, and prints its CPU and wall seconds at the start of each step."""


def record(folder: Path) -> None:
    """Record some 2,000 frames of play."""
    script = str(OURS / "scripts" / "record.py")
    asked = ("env=calvin", "policy=noisy_expert", "episodes=6", "env.play_length=4")
    subprocess.run([sys.executable, script, *asked, f"out={folder}"], check=True)


def timed(
    checkout: Path,
    data: Path,
    folder: Path,
    steps: int,
    threads: int,
    compiled: str,
    precision: str,
) -> tuple[dict[str, float], list[dict[str, float]]]:
    """Train in a checkout; return the figures, and the losses of each step.

    Raises RuntimeError with the last lines of a command that failed.
    """
    command = [sys.executable, "-c", TIMED, "policy=seer", "recipe=small_cpu", "device=cpu"]
    command += [f"data.path={data}", f"run_dir={folder}", f"threads={threads}"]
    command += [f"optimization.{key}" for key in (f"steps={steps}", "log_every=1")]
    command += ["optimization.validate_every=1000000", f"optimization.precision={precision}"]
    surroundings = {
        **os.environ,
        "PYTHONPATH": str(checkout),
        "OMP_NUM_THREADS": str(threads),
    }
    done = subprocess.run(
        [*command, f"optimization.compile={compiled}"],
        cwd=folder.parent,
        env=surroundings,
        text=True,
        capture_output=True,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[3:])} failed:\n{done.stderr[-2000:]}")
    marks = json.loads(done.stdout.splitlines()[-1])[WARM:]
    cpu_s, wall_s = (
        median(after[clock] - before[clock] for before, after in pairwise(marks))
        for clock in (0, 1)
    )
    rows = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    figures = {
        "CPU ms per step": 1000 * cpu_s,
        "windows per CPU-s": BATCH / cpu_s,
        "windows/s": BATCH / wall_s,
    }
    return figures, [row for row in rows if row["kind"] == "train"]


def largest_difference(one: list[dict[str, float]], other: list[dict[str, float]]) -> float:
    """Return the largest difference of a loss in a step, relative to that loss."""
    return max(
        abs(a[name] - b[name]) / abs(b[name])
        for a, b in zip(one, other, strict=True)
        for name in LOSSES
    )


def compare(way: str, checkouts: dict[str, Path], data: Path, options: Any) -> list[dict[str, Any]]:
    """Train `options.repeats` times in each checkout, in turns; return the rows of the table."""
    found: dict[str, list[dict[str, float]]] = {label: [] for label in checkouts}
    losses: dict[str, list[dict[str, float]]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for turn in range(options.repeats):
            for label, checkout in checkouts.items():
                folder = Path(scratch) / f"{label}-{turn}"
                asked = (options.steps, options.threads, NETWORKS[way], options.precision)
                figures, losses[label] = timed(checkout, data, folder, *asked)
                found[label].append(figures)
                said = ", ".join(f"{key} {value:.1f}" for key, value in figures.items())
                print(f"{time.strftime('%H:%M:%S')} {way} {label}: {said}", file=sys.stderr)
    rows: list[dict[str, Any]] = []
    for key in found["now"][0]:
        middle = {label: median(run[key] for run in runs) for label, runs in found.items()}
        rows.append({"network": way, "figure": key, **middle})
        if len(middle) == 2:
            rows[-1]["ratio"] = middle["now"] / middle["before"]
    if len(losses) == 2:
        print(f"{way}: losses differ by at most", end=" ")
        print(f"{largest_difference(losses['now'], losses['before']):.2g} of their values")
    return rows


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--against", type=Path, help="a checkout of the build before")
    arguments.add_argument("--data", type=Path, help="a folder of CALVIN demonstrations")
    arguments.add_argument("--networks", nargs="+", default=list(NETWORKS), choices=NETWORKS)
    arguments.add_argument("--steps", type=int, default=30)
    arguments.add_argument("--threads", type=int, default=2, help="torch's threads")
    arguments.add_argument("--precision", default="bfloat16", help="bfloat16 or float32")
    arguments.add_argument("--repeats", type=int, default=5)
    options = arguments.parse_args()
    before = {} if options.against is None else {"before": options.against.resolve()}
    checkouts = {**before, "now": OURS}
    with tempfile.TemporaryDirectory() as scratch:
        data = options.data or Path(scratch) / "demos"
        if options.data is None:
            record(data)
        ways = [compare(way, checkouts, data.resolve(), options) for way in options.networks]
    rows = [row for way in ways for row in way]
    show(f"training the small Seer, medians of {options.repeats}", rows)
    write(options.out, {"training": rows})


if __name__ == "__main__":
    main()
