"""Writes our own layout (longhaul.envs.lhvln.dataset): one line per task, so that a crash loses at
most one task."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from longhaul.envs.episode import Episode
from longhaul.envs.lhvln.dataset import lines
from longhaul.errors import ConfigError
from longhaul.files import replacing, writing
from longhaul.navgen.trajectories.leg import Leg, Trajectory
from longhaul.secrets import hidden


def append(
    folder: Path,
    split: str,
    task: Episode,
    way: Trajectory,
    steps: Sequence[Episode] = (),
    **more: Any,
) -> None:
    """Add a task with its trajectory and step-by-step tasks to a split; `more` are further keys."""
    line = {
        "task": task.to_json(),
        "steps": [step.to_json() for step in steps],
        "legs": [leg.to_json() for leg in way.legs],
        **more,
    }
    path = folder / f"{split}.jsonl"
    with writing(path), path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(hidden(line)) + "\n")
        file.flush()
        os.fsync(file.fileno())


def trajectories(folder: Path, split: str) -> Iterator[Trajectory]:
    """Yield the trajectories of a split's tasks, in order. Raises ConfigError for a bad line."""
    path = folder / f"{split}.jsonl"
    for number, data in lines(path):
        try:
            legs = tuple(Leg.from_json(leg) for leg in data["legs"])
            yield Trajectory(data["task"]["id"], legs)
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise ConfigError(f"{path}:{number} has no trajectory: {error!r}") from None


def mend(folder: Path) -> None:
    """Remove from every split a last line that was not completely written."""
    for path in sorted(folder.glob("*.jsonl")):
        text = path.read_bytes()
        whole = text[: text.rfind(b"\n") + 1]
        if whole != text:
            with replacing(path) as new:
                new.write_bytes(whole)
