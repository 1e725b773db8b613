"""Our own layout (envs.lhvln.dataset), written line by line so that a crash costs one line."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

from envs.episode import Episode
from envs.lhvln.dataset import FOLDERS
from envs.specs import ConfigError
from navgen.trajectories.leg import Trajectory

TRAJECTORIES = "trajectories"


def append(
    folder: Path, split: str, episode: Episode, way: Trajectory, steps: Iterable[Episode] = ()
) -> None:
    """Add a whole task, the way through it and its step-by-step tasks to a split.

    The task itself comes last: what lies behind a crash has no task and is left out by `rewrite`.
    """
    _add(folder / FOLDERS["step"] / f"{split}.jsonl", *(step.to_json() for step in steps))
    _add(folder / TRAJECTORIES / f"{split}.jsonl", way.to_json())
    _add(folder / FOLDERS["task"] / f"{split}.jsonl", episode.to_json())


def trajectories(folder: Path, split: str) -> Iterator[Trajectory]:
    """Yield the ways through a split's tasks, in their order. Raises ConfigError for a bad line."""
    path = folder / TRAJECTORIES / f"{split}.jsonl"
    for number, data in lines(path):
        try:
            yield Trajectory.from_json(data)
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise ConfigError(f"{path}:{number} is no trajectory: {error!r}") from None


def lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield number and object of every line. Raises ConfigError for one that is no object."""
    if not path.is_file():
        return
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                data = json.loads(line)
            except ValueError as error:
                raise ConfigError(f"{path}:{number} is no JSON: {error}") from None
            if not isinstance(data, dict):
                raise ConfigError(f"{path}:{number} is no JSON object")
            yield number, data


def mend(folder: Path) -> None:
    """Cut from every file a last line that was not written whole."""
    for name in (*FOLDERS.values(), TRAJECTORIES):
        for path in sorted((folder / name).glob("*.jsonl")):
            text = path.read_bytes()
            whole = text[: text.rfind(b"\n") + 1]
            if whole != text:
                part = path.with_name(path.name + ".part")
                part.write_bytes(whole)
                part.replace(path)


def _add(path: Path, *objects: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(data) + "\n" for data in objects)
        _sync(file)


def _sync(file: TextIO) -> None:
    file.flush()
    os.fsync(file.fileno())
