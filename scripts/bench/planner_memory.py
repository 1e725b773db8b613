"""What a planner's memory is worth: experience, knowledge and both, each compared with neither,
paired.

    python scripts/bench/planner_memory.py --episodes 108 --runs runs/memory

First the planner without memory plays the training split; its experience of these episodes is
recalled on the test split. A second start does only what is missing.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from rollouts import percent, roll_out
from table import parser, show, write

from longhaul.evaluation.comparison.compare import compare, read_run
from longhaul.policies.planner.experience import remember
from longhaul.policies.planner.experience import write as write_experience

METRICS = {"partial_credit": "score", "sr": "SR"}
BASE = (
    "env=lohoravens",
    "policy=planner",
    "env.observations=[]",
    "env.fast_motion=true",
)


def main() -> int:
    arguments = parser(__doc__)
    arguments.add_argument("--episodes", type=int, default=108, help="of the test split")
    arguments.add_argument("--lived", type=int, default=108, help="of the training split")
    arguments.add_argument("--split", default="all")
    arguments.add_argument("--runs", type=Path, default=Path("runs/memory"))
    arguments.add_argument("--set", nargs="*", default=[], help="more of rollout.py's arguments")
    given = arguments.parse_args()
    base = [*BASE, *given.set]
    pool = given.runs / "experience.jsonl"
    lived = [f"split={given.split}-train", f"episodes={given.lived}"]
    require(roll_out(given.runs / "lived", [*base, *lived]))
    write_experience(pool, list(remember(given.runs / "lived")))
    experience, knowledge = f"policy.memory.experience={pool}", "policy.memory.knowledge=shipped"
    variants: dict[str, list[str]] = {
        "none": [],
        "experience": [experience],
        "knowledge": [knowledge],
        "both": [experience, knowledge],
    }
    test = [f"split={given.split}", f"episodes={given.episodes}"]
    rows = []
    for name, memory in variants.items():
        summary = require(roll_out(given.runs / name, [*base, *test, *memory]))
        own = {label: percent(summary, metric) for metric, label in METRICS.items()}
        rows.append({"memory": name, **own, **differences(given.runs / "none", given.runs / name)})
    show(f"{given.episodes} episodes of {given.split}, in per cent, 95 % intervals", rows)
    write(given.out, {"rows": rows})
    return 0


def differences(without: Path, with_memory: Path) -> dict[str, str]:
    """Return the paired differences to the run without memory."""
    a, b = read_run(without).records, read_run(with_memory).records
    names = sorted(a.keys() & b.keys())
    found = compare([a[name] for name in names], [b[name] for name in names])
    cells = {}
    for metric, label in METRICS.items():
        d = found[metric]
        low, high = (100 * (x if x is not None else float("nan")) for x in (d.low, d.high))
        cells[f"{label} - none"] = f"{100 * d.value:+.1f} [{low:+.1f}, {high:+.1f}]"
    return cells


def require(found: dict[str, Any] | str) -> dict[str, Any]:
    """Return a summary, or exit with the line that says why there is none."""
    if isinstance(found, str):
        raise SystemExit(found)
    return found


if __name__ == "__main__":
    sys.exit(main())
