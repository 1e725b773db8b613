"""Writes LHPR-VLN's published layout, which longhaul.envs.lhvln.lhpr and LH-VLN's own loader
read."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from longhaul.envs.episode import Episode
from longhaul.envs.lhvln.lhpr import degrees_of
from longhaul.errors import ConfigError
from longhaul.identifiers import is_plain_name, shown
from longhaul.navgen.trajectories.leg import Leg, Trajectory

MAX_NAME_CHARS = 200
"""The most characters of a sentence that is used as a folder's name; file systems allow 255
bytes."""


def write_task(
    folder: Path, batch: int, episode: Episode, primitives: Sequence[str], way: Trajectory
) -> Path:
    """Write a whole task and its trajectory; return its folder.

    Raises ConfigError if the sentence cannot be a folder's name, or if another task has it.
    """
    place = folder / "task" / f"batch_{batch}" / str(len(episode.subtasks)) / _name(episode)
    if place.exists():
        raise ConfigError(f"{place} exists already: two tasks have the same sentence")
    trial = place / "success" / "trial_1"
    trial.mkdir(parents=True)
    common = {
        "Task instruction": episode.instruction,
        "Subtask list": list(primitives),
        "Robot": episode.start["robot"],
        "Scene": episode.start["scene"],
    }
    names = [(s.goal["category"], s.goal["room"], _room(s.instruction)) for s in episode.subtasks]
    _write(place / "config.json", {**common, "Object": [[c, _region(r, n)] for c, r, n in names]})
    solved = {
        **common,
        "Object": [category for category, _, _ in names],
        "Region": [str(room) for _, room, _ in names],
        "Region Name": [name for _, _, name in names],
        "Geo dis": [leg.geodesic for leg in way.legs],
        "trial": {f"trial_{i}": _trial(leg) for i, leg in enumerate(way.legs, 1)},
    }
    _write(trial / "task.json", solved)
    return place


def write_step(folder: Path, batch: int, name: str, episode: Episode, parent: str) -> Path:
    """Write the step-by-step task of one leg of `parent`'s trajectory; return its file."""
    path = folder / "step_task" / f"batch_{batch}" / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    _write(path, step_entry(episode, parent))
    return path


def write_packed(folder: Path, batch: int, entries: Sequence[dict[str, Any]]) -> Path:
    """Write a whole batch as one file; each entry has the keys lh_task and st_task."""
    path = folder / "episode_task" / f"batch_{batch}.json.gz"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({str(number): entry for number, entry in enumerate(entries)})
    path.write_bytes(gzip.compress(text.encode(), mtime=0))
    return path


def task_entry(episode: Episode, primitives: Sequence[str]) -> dict[str, Any]:
    """Return a whole task in the format of a packed batch."""
    return {
        "Task instruction": episode.instruction,
        "Subtask list": list(primitives),
        "Robot": episode.start["robot"],
        "Scene": episode.start["scene"],
        "Object": [
            [s.goal["category"], _region(s.goal["room"], _room(s.instruction))]
            for s in episode.subtasks
        ],
        "gt_step": [subtask.gt_steps for subtask in episode.subtasks],
    }


def step_entry(episode: Episode, parent: str) -> dict[str, Any]:
    """Return a step-by-step task in the format of the published files."""
    (subtask,) = episode.subtasks
    first = int(episode.start.get("first", 0))
    return {
        "trajectory path": parent,
        "start": first,
        "end": first + subtask.gt_steps - 1,
        "Robot": episode.start["robot"],
        "Scene": episode.start["scene"],
        "target": [subtask.goal["category"]],
        "Region": [str(subtask.goal["room"])],
        "start_pos": list(episode.start["position"]),
        "start_yaw": degrees_of(episode.start["yaw"]),
        "Task instruction": episode.instruction,
    }


def _trial(leg: Leg) -> dict[str, list[Any]]:
    """Return a leg as lists: action[t] led to pos[t], so the first action is the stop before it."""
    return {
        "pos": [list(pose[:3]) for pose in leg.poses],
        "yaw": [degrees_of(pose[3]) for pose in leg.poses],
        "action": ["stop", *leg.actions],
    }


def _region(room: int, name: str) -> str:
    return f"Region {room}: {name.capitalize()}" if name else f"Region {room}"


def _room(instruction: str) -> str:
    """Return the room's name in a subtask's sentence."""
    return instruction.rpartition(" in the ")[2] if " in the " in instruction else ""


def _name(episode: Episode) -> str:
    name = episode.instruction
    if not is_plain_name(name) or len(name) > MAX_NAME_CHARS or name.startswith("."):
        raise ConfigError(f"{shown(name)} is no name of a folder")
    return name


def _write(path: Path, data: dict[str, Any]) -> None:
    path.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
