"""Reports what a generated dataset contains, in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import fmean, median
from typing import Any

from rich.table import Table

from longhaul.envs.lhvln.dataset import lines

Progress = Callable[[int, int], None]
"""Is called with the number of tasks that exist and the number of tasks that are wanted."""


def report(
    folder: Path, splits: Sequence[str], wanted: int, faults: Mapping[str, str]
) -> dict[str, Any]:
    """Return a dataset's counts, shares, lengths, vocabulary and rejects, read from its files."""
    rows = {split: [line for _, line in lines(folder / f"{split}.jsonl")] for split in splits}
    every = [line for found in rows.values() for line in found]
    tasks, steps = [line["task"] for line in every], [s for line in every for s in line["steps"]]
    legs = [leg for line in every for leg in line["legs"]]
    rejects = sum((Counter(line["rejects"]) for line in every), Counter[str]())
    return {
        "wanted": wanted,
        "tasks": len(tasks),
        "steps": len(steps),
        "houses": len({task["start"]["scene"] for task in tasks}),
        "by split": {
            split: {"houses": len({_scene(line) for line in found}), "tasks": len(found)}
            for split, found in rows.items()
        },
        "subtasks": _shares(len(task["subtasks"]) for task in tasks),
        "robots": _shares(task["start"]["robot"] for task in tasks),
        "categories": len({s["goal"]["category"] for t in tasks for s in t["subtasks"]}),
        "actions of a task": _spread([sum(s["gt_steps"] for s in t["subtasks"]) for t in tasks]),
        "actions of a leg": _spread([len(leg["actions"]) for leg in legs]),
        "meters of a leg": _spread([leg["geodesic"] for leg in legs]),
        "words of a task": _spread([len(task["instruction"].split()) for task in tasks]),
        "words of a step": _spread([len(step["instruction"].split()) for step in steps]),
        "vocabulary": len({w.strip(",.").lower() for t in tasks for w in t["instruction"].split()}),
        "rejects": dict(rejects.most_common()),
        "faults": dict(faults),
    }


def table(made: Mapping[str, Any]) -> Table:
    """Return a report as a table for people."""
    found = Table("what", "value", title="generated", title_justify="left")
    for name, value in made.items():
        for key, text in _rows(name, value):
            found.add_row(key, text)
    return found


def _rows(name: str, value: Any) -> list[tuple[str, str]]:
    """Return the rows (name, text) of a value: one row, or one per mapping that it contains."""
    if not isinstance(value, Mapping):
        return [(name, str(value))]
    if any(isinstance(entry, Mapping) for entry in value.values()):
        return [row for key, entry in value.items() for row in _rows(f"{name}: {key}", entry)]
    return [(name, ", ".join(f"{key} {entry}" for key, entry in value.items()) or "none")]


def _scene(line: Mapping[str, Any]) -> str:
    return str(line["task"]["start"]["scene"])


def _shares(values: Any) -> dict[str, float]:
    counts = Counter(values)
    return {str(k): round(n / counts.total(), 3) for k, n in sorted(counts.items())}


def _spread(values: Sequence[float]) -> dict[str, float]:
    if not values:
        return {}
    numbers = {"mean": fmean(values), "median": median(values)}
    ends = {"least": float(min(values)), "most": float(max(values))}
    return {name: round(value, 2) for name, value in {**numbers, **ends}.items()}
