"""What a folder holds instead of what a command looked for in it, and what would be right."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

KINDS = (
    ("metrics.jsonl", "a training run: longhaul curve {}"),
    (
        "recording/episodes.jsonl",
        "demonstrations: longhaul view {}/recording, or longhaul train data.path={}",
    ),
    ("meta/info.json", "demonstrations: longhaul train data.path={}"),
    ("arrays.json", "demonstrations: longhaul train data.path={}"),
    ("ep_start_end_ids.npy", "demonstrations: longhaul train data.path={}"),
    ("training/ep_start_end_ids.npy", "demonstrations, in {}/training and {}/validation"),
    ("*.hdf5", "demonstrations: longhaul train data.path={}"),
    ("dataset.json", "houses and tasks: longhaul rollout env=lhvln env.dataset={}"),
    ("generation/order.json", "houses and tasks that are not complete: longhaul generate out={}"),
    ("episodes.jsonl", "the run of a rollout: longhaul view {}"),
    ("episode_*.npz", "CALVIN's frames without ep_start_end_ids.npy, which lies beside them"),
)
"""Pairs of a file pattern and what a folder with such a file is; the first match counts."""

MOST_SHOWN_RUNS = 3
"""How many runs inside a folder are named. Chosen here."""


def instead(path: Path) -> str:
    """Return a clause on what is at a path, with the command that fits it; "" if that is unknown.

    It begins with a semicolon, to stand behind a sentence that says what the path is not.
    """
    if not path.exists():
        return "; there is no such folder"
    if not path.is_dir():
        return "; it is a file, no folder"
    for pattern, what in KINDS:
        if next(path.glob(pattern), None) is not None:
            return f"; it holds {what.replace('{}', str(path))}"
    runs = sorted(islice((found.parent for found in path.glob("*/provenance.json")), 1000))
    if runs:
        shown = ", ".join(map(str, runs[:MOST_SHOWN_RUNS]))
        more = f" and {len(runs) - MOST_SHOWN_RUNS} more" if len(runs) > MOST_SHOWN_RUNS else ""
        return f"; give one of the runs in it: {shown}{more}"
    if next(path.iterdir(), None) is None:
        return "; it is empty"
    return ""
