"""A dataset in the flat test rooms, and an env in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from longhaul.configs.lhvln import make
from longhaul.envs.episode import Episode, Subtask
from longhaul.envs.lhvln import env as module
from longhaul.envs.lhvln.dataset import write_info
from longhaul.envs.lhvln.env import LhVlnEnv
from tests.envs.lhvln.flat import FlatSimulator

CUP_TO_BED = (("cup", 1), ("bed", 2), ("towel", 3))


def episode(
    targets: tuple[tuple[str, int], ...] = CUP_TO_BED, name: str = "task-0", **start: Any
) -> Episode:
    """Return an episode that goes to targets (category, room)."""
    subtasks = tuple(
        Subtask(f"{c}_{r}", f"go to the {c}", 20, {"category": c, "room": r}) for c, r in targets
    )
    place = {"scene": "flat", "robot": "spot", "kind": "task", "position": [2.0, 0.0, 2.0]}
    return Episode(name, 5, "Take the cup to the bed", subtasks, {**place, "yaw": 0.0, **start})


def write(folder: Path, *episodes: Episode) -> Path:
    """Write a dataset with one split, val; returns its folder."""
    (folder / "scenes" / "flat").mkdir(parents=True)
    write_info(folder, ("val",))
    lines = [json.dumps({"task": e.to_json(), "steps": [], "legs": []}) for e in episodes]
    (folder / "val.jsonl").write_text("".join(line + "\n" for line in lines))
    return folder


def open_flat(folder: Path, monkeypatch: pytest.MonkeyPatch, parts: Any = None, **options: Any):  # type: ignore[no-untyped-def]
    """Return an env on a dataset, its simulators flat ones."""
    monkeypatch.setattr(
        module, "open_simulator", lambda kind, scene, cameras, gpu: FlatSimulator(scene, cameras)
    )
    given = {"dataset": str(folder), "size": 16, **options}
    return make(parts, **given) if parts else LhVlnEnv(**given)
