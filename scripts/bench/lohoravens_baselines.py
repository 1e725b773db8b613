"""The baselines of LoHoRavens beside the published ones, over v1's seen and unseen tasks.

    python scripts/bench/lohoravens_baselines.py --episodes 100 --out runs/baselines

Each row has a run folder, so that the same command continues after an interruption. The implicit
row needs the adapter that scripts/planner_adapt.py trained (--adapter FOLDER).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from rollouts import percent, roll_out
from table import parser, show, write

from longhaul.evaluation.reports.table import beside

SPLITS = ("seen", "unseen")
PLANNER = ("policy=planner", "policy.backend=lexical")

BLIND = "env.observations=[]"
"""The override of rows without observations: no image is rendered for them."""

ROWS: dict[str, tuple[str, ...]] = {
    "random": ("policy=random", BLIND),
    "oracle": ("policy=expert", BLIND),
    "planner, oracle actor, none": (*PLANNER, "policy.feedback=none", BLIND),
    "planner, oracle actor, explicit": (*PLANNER, "policy.feedback=explicit", BLIND),
    "planner, oracle actor, implicit": ("policy=planner", "policy.feedback=implicit"),
    "planner, CLIPort actor, explicit": (*PLANNER, "policy.actor=cliport"),
    "CLIPort, end to end": ("policy=cliport",),
}

PUBLISHED = {
    "PAR explicit (Llama 2 13B, OpenFlamingo, CLIPort)": (
        (67.3, 31.4, 18.0, 30.4, 9.6),
        (28.5, 21.9, 13.2, 12.8, 27.4, 4.0),
    ),
    "PAR implicit (LLaVA, CLIP, CLIPort)": (
        (67.3, 37.0, 22.1, 33.2, 8.2),
        (21.1, 14.7, 5.2, 11.7, 27.2, 6.8),
    ),
    "vanilla VLA": ((79.0, 14.9, 26.8, 32.3, 22.1), (52.1, 6.8, 7.3, 43.1, 38.6, 58.2)),
    "LoHoVLA": ((77.5, 97.8, 34.9, 35.8, 85.1), (86.1, 40.1, 16.7, 77.2, 43.6, 73.8)),
}
"""Scores of tasks A-E and F-K: arXiv 2506.00411, Table 2."""

DIFFERS = (
    "What differs: our planner is a sentence model (MiniLM, 22 M parameters) or a small local one, "
    "not a language model of 13 B; captions and verdicts are the oracle's where a row's parts say "
    "so, theirs are OpenFlamingo's; an oracle actor carries out any step that can be, theirs is "
    "CLIPort; our CLIPort is the suite's, with the weights that the last column names. Scenes, "
    "goals and budgets are drawn anew here (goals are relations, C and I can score), so the tables "
    "are neighbors and not one."
)


def main() -> int:
    arguments = parser(__doc__)
    arguments.add_argument("--episodes", type=int, default=100, help="of each split")
    arguments.add_argument("--runs", type=Path, default=Path("runs/baselines"))
    arguments.add_argument("--adapter", type=Path, help="folder of scripts/planner_adapt.py")
    arguments.add_argument("--workers", type=int, default=2)
    arguments.add_argument("--set", nargs="*", default=[], help="more of rollout.py's arguments")
    given = arguments.parse_args()
    rows = [ours(name, overrides, given) for name, overrides in ROWS.items()]
    show("score and success rate in per cent, 95 % intervals", rows)
    theirs = [
        {"published": name, **{f"{s} score": mean(of) for s, of in zip(SPLITS, found, strict=True)}}
        for name, found in PUBLISHED.items()
    ]
    show("published, means of A-E and F-K", theirs)
    print(DIFFERS)
    write(given.out, {"ours": rows, "published": theirs, "differs": DIFFERS})
    return 0


def ours(name: str, overrides: tuple[str, ...], given: Any) -> dict[str, str]:
    """Run a row over both splits; return its scores, or the reason why it can't run."""
    more = [f"episodes={given.episodes}", f"workers={given.workers}", *given.set]
    if "implicit" in name:
        if given.adapter is None:
            return line(name, "needs --adapter")
        more += seeing(given.adapter)
    cells, notes = {}, ""
    for split in SPLITS:
        folder = given.runs / f"{name.replace(', ', '-').replace(' ', '_')}-{split}"
        found = roll_out(folder, ["env=lohoravens", f"split={split}", *overrides, *more])
        if isinstance(found, str):
            return line(name, found)
        cells[f"{split} score"] = percent(found, "partial_credit")
        cells[f"{split} SR"] = percent(found, "sr")
        notes = "; ".join(beside(found))
    return {"policy": name, **cells, "beside": notes}


def line(name: str, reason: str) -> dict[str, str]:
    cells = {f"{split} {what}": "-" for split in SPLITS for what in ("score", "SR")}
    return {"policy": name, **cells, "beside": reason}


def seeing(folder: Path) -> list[str]:
    """Return the overrides of a planner that sees, with what scripts/planner_adapt.py wrote."""
    return [
        "policy.backend=local",
        "policy.plan_mode=generate",
        f"policy.backends.local.path={folder / 'model'}",
        f"policy.adapter={folder / 'adapter.safetensors'}",
    ]


def mean(scores: tuple[float, ...]) -> str:
    return f"{sum(scores) / len(scores):.1f}"


if __name__ == "__main__":
    sys.exit(main())
