"""How fast rollouts are, beside another checkout's, in turns on the same machine:

    python scripts/bench/rollouts.py --against CHECKOUT [--works seer-calvin ...] [--repeats 3]

A work is a command of scripts/rollout.py or scripts/record.py. Its figures are the env steps per
second of wall time that the command itself tells (from the first reset on), and the CPU time of all
of its processes per step, start included; medians are shown, and whether both checkouts gave the
same records. Other benchmarks use `roll_out`: each run has its folder, so a second start does what
is missing.
"""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from table import parser, show, write

ROLLOUT = Path(__file__).parents[1] / "rollout.py"
OURS = Path(__file__).parents[2]
PR_SET_CHILD_SUBREAPER = 36
"""linux/prctl.h: processes whose parent has ended become this process's children."""

NO_FILMS = ("videos.first=0", "videos.failures=0")
WORKS = {
    "seer-calvin": ("rollout", "policy=seer", "env=calvin", "episodes=20", *NO_FILMS),
    "seer-calvin-films": ("rollout", "policy=seer", "env=calvin", "episodes=20", "videos.first=20"),
    "expert-calvin": ("rollout", "policy=expert", "env=calvin", "episodes=20", *NO_FILMS),
    "expert-calvin-1": (
        *("rollout", "policy=expert", "env=calvin", "episodes=20", "workers=1", *NO_FILMS),
    ),
    "record-calvin": ("record", "policy=expert", "env=calvin", "episodes=6", "videos=0", "sheet=0"),
    "record-calvin-1": (
        *("record", "policy=expert", "env=calvin", "episodes=6", "videos=0", "sheet=0"),
        "workers=1",
    ),
    "mgdm-lhvln": ("rollout", "policy=mgdm", "env=lhvln", "episodes=6", *NO_FILMS),
    "cliport-lohoravens": (
        *("rollout", "policy=cliport", "env=lohoravens", "episodes=10", *NO_FILMS),
    ),
}


def roll_out(folder: Path, overrides: Sequence[str]) -> dict[str, Any] | str:
    """Run or continue a rollout and return its summary, or the line that says why it failed."""
    command = [sys.executable, str(ROLLOUT), *overrides, f"run_dir={folder}"]
    done = subprocess.run(command, text=True, capture_output=True)
    if done.returncode:
        return done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "no reason given"
    summary: dict[str, Any] = json.loads((folder / "summary.json").read_text())
    return summary


def percent(summary: dict[str, Any], metric: str) -> str:
    """Return a metric in per cent with its 95 % interval."""
    found = summary["metrics"][metric]
    value, low, high = (100 * found[key] for key in ("value", "low", "high"))
    return f"{value:.1f} [{low:.1f}, {high:.1f}]"


def timed(checkout: Path, work: Sequence[str], folder: Path) -> tuple[dict[str, float], list[Any]]:
    """Run a work of a checkout; return its figures and its records without timings.

    Raises RuntimeError with the last lines of a command that failed.
    """
    script, *overrides = work
    place = f"out={folder}" if script == "record" else f"run_dir={folder}"
    command = [sys.executable, str(checkout / "scripts" / f"{script}.py"), *overrides, place]
    surroundings = {**os.environ, "PYTHONPATH": str(checkout), "OMP_NUM_THREADS": "1"}
    began, log = time.perf_counter(), folder.with_suffix(".log")
    with log.open("wb") as said:
        process = subprocess.Popen(
            command, cwd=folder.parent, env=surroundings, stdout=said, stderr=subprocess.STDOUT
        )
        cpu_s, code = _wait_for_all(process.pid)
    wall_s = time.perf_counter() - began
    process.returncode = code
    if code:
        raise RuntimeError(f"{' '.join(command)} failed:\n{log.read_text()[-2000:]}")
    (path,) = folder.rglob("episodes.jsonl")
    records = [json.loads(line) for line in path.read_text().splitlines()]
    steps = sum(record["steps"] for record in records)
    for record in records:
        record.pop("timings")
        record.pop("made", None)
    figures = {"steps/s": steps / wall_s, "CPU ms": 1000 * cpu_s / steps}
    summary = path.with_name("summary.json")
    if summary.is_file():  # a rollout tells its rate without the start
        figures["steps/s"] = json.loads(summary.read_text())["timing"]["env_steps_per_s"]
    return figures, sorted(records, key=lambda record: str(record["id"]))


def _wait_for_all(pid: int) -> tuple[float, int]:
    """Wait for a command and for all that it started; return their CPU seconds and its exit code.

    A fork server outlives its command for a moment: as a subreaper this process inherits it.
    """
    seconds, code = 0.0, 0
    while True:
        try:
            ended, status, usage = os.wait4(-1, 0)
        except ChildProcessError:
            return seconds, code
        seconds += usage.ru_utime + usage.ru_stime
        if ended == pid:
            code = os.waitstatus_to_exitcode(status)


def compare(name: str, checkouts: dict[str, Path], repeats: int) -> dict[str, Any]:
    """Run a work `repeats` times in each checkout, in turns; return the row of the table."""
    found: dict[str, list[dict[str, float]]] = {label: [] for label in checkouts}
    records: dict[str, list[Any]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for turn in range(repeats):
            for label, checkout in checkouts.items():
                folder = Path(scratch) / f"{label}-{turn}"
                figures, records[label] = timed(checkout, WORKS[name], folder)
                found[label].append(figures)
    row: dict[str, Any] = {"work": name}
    for key in ("steps/s", "CPU ms"):
        middle = {label: median(run[key] for run in runs) for label, runs in found.items()}
        row |= {f"{key} {label}": value for label, value in middle.items()}
        if len(middle) == 2:
            row[f"{key} ratio"] = middle["now"] / middle["before"]
    if len(records) == 2:
        row["records"] = "equal" if records["now"] == records["before"] else "differ"
    return row


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--against", type=Path, help="a checkout of the build before")
    arguments.add_argument("--works", nargs="+", default=list(WORKS), choices=WORKS)
    arguments.add_argument("--repeats", type=int, default=3)
    options = arguments.parse_args()
    if options.against is not None and not (options.against / "scripts" / ROLLOUT.name).is_file():
        arguments.error(f"--against {options.against} is no checkout of Longhaul")
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
    before = {} if options.against is None else {"before": options.against.resolve()}
    rows = [compare(name, {**before, "now": OURS}, options.repeats) for name in options.works]
    show(f"rollouts, medians of {options.repeats}", rows)
    write(options.out, {"rollouts": rows})


if __name__ == "__main__":
    main()
