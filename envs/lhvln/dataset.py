"""Datasets of navigation episodes: a folder of scenes and of tasks, one JSON line each.

    DATASET/dataset.json             format, version, splits
    DATASET/scenes/NAME/NAME.glb     a house, and what belongs to it
    DATASET/SPLIT.jsonl              one task per line: its episodes, and the expert's trajectory

A line has `task`, an Episode of two to four subtasks; `steps`, step-by-step Episodes of one subtask
each; and `legs` (longhaul.navgen.trajectories). A complete line thus holds all of a task.

An Episode's `start` has `scene` (a folder's name), `robot` (spot or stretch), `kind` (task or
step), `position` (x, y, z in m, y up; None: drawn from the episode's seed) and `yaw` (rad about
+y, 0 looks along -z). A Subtask's `goal` has `category` and `room`: any object of the category in
the room of that id counts. `objects` lists the ids of these objects if they are known.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from longhaul.documents import open_regular, parse_json, read_json, read_lines
from longhaul.envs.episode import Episode
from longhaul.envs.lhvln.checks import require_navigable
from longhaul.errors import ConfigError, require_known
from longhaul.files import replace_file
from longhaul.identifiers import is_plain_name, require_identifiers

FORMAT, VERSION = "longhaul.lhvln", 1

Kind = Literal["task", "step"]

EPISODE_KINDS: tuple[Kind, ...] = ("task", "step")

ALL_SPLITS = "all"
"""Name of the split that joins all others in their order."""

HELD_OUT_SPLIT = "test"
"""The split that is not learned from."""

EVALUATION_SEED = 2025
"""The generator's seed of datasets that serve evaluation alone, in all of their splits: nothing
that Longhaul ships learned in houses of this seed."""


class Dataset:
    """A dataset's folder. Raises ConfigError naming the folder if it is no dataset."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        info = _info(folder)
        self.splits: tuple[str, ...] = tuple(info["splits"])
        generator = info.get("generator")
        self._seed = generator.get("seed") if isinstance(generator, dict) else None

    @property
    def default_split(self) -> str:
        """Return the split to evaluate in where none is asked for: the one that is held out, if it
        has a task, so that a policy is not evaluated where it learned; else all of them."""
        path = self.folder / f"{HELD_OUT_SPLIT}.jsonl"
        held_out = HELD_OUT_SPLIT in self.splits and path.is_file() and path.stat().st_size
        return HELD_OUT_SPLIT if held_out and self._seed != EVALUATION_SEED else ALL_SPLITS

    def scene(self, name: str) -> Path:
        """Return the folder of a scene. Raises ConfigError for an unknown scene."""
        path = self.folder / "scenes" / name
        if not is_plain_name(name) or not path.is_dir():
            raise ConfigError(f"dataset {self.folder} has no scene {name!r}")
        return path

    def episodes(self, split: str = ALL_SPLITS, kind: Kind = "task") -> list[Episode]:
        """Return a split's episodes.

        Raises ConfigError for an unknown one, for a bad line and for empty or repeated ids.
        """
        require_known("split", split, (ALL_SPLITS, *self.splits))
        require_known("env.kind", kind, EPISODE_KINDS)
        chosen = self.splits if split == ALL_SPLITS else (split,)
        found: list[Episode] = []
        for name in chosen:
            path = self.folder / f"{name}.jsonl"
            found += _read(path, kind)
            require_identifiers((episode.id for episode in found), f"{path}: episode id")
        return found


def is_dataset(folder: Path) -> bool:
    """Say whether a folder is a dataset of ours."""
    return (folder / "dataset.json").is_file()


def lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield number and JSON object of every line of a split. Raises ConfigError for a bad line."""
    if not path.is_file():
        return
    with open_regular(path) as file:
        for number, line in enumerate(read_lines(file, path, last=True), 1):
            data = parse_json(line, f"{path}:{number}")
            if not isinstance(data, dict):
                raise ConfigError(f"{path}:{number} is no task: {line[:40].decode().strip()}")
            yield number, data


def write_info(folder: Path, splits: tuple[str, ...], **more: Any) -> None:
    """Write a dataset's dataset.json; `more` are further entries of it."""
    info = {"format": FORMAT, "version": VERSION, "splits": list(splits), **more}
    replace_file(folder / "dataset.json", json.dumps(info, indent=2) + "\n")


def _info(folder: Path) -> dict[str, Any]:
    path = folder / "dataset.json"
    if not path.is_file():
        raise ConfigError(f"{folder} is no navigation dataset: it has no dataset.json")
    try:
        info = read_json(path)
        kind, version, splits = info["format"], info["version"], info["splits"]
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{path} cannot be read: {error!r}") from None
    if (kind, version) != (FORMAT, VERSION):
        raise ConfigError(f"{path} is {kind} {version}; valid: {FORMAT} {VERSION}")
    named = isinstance(splits, list) and all(map(is_plain_name, splits))
    if not named or ALL_SPLITS in splits:
        raise ConfigError(f"{path}: splits={splits!r} must be a list of names")
    found: dict[str, Any] = info
    return found


def _read(path: Path, kind: Kind) -> Iterator[Episode]:
    for number, data in lines(path):
        try:
            found = [data["task"]] if kind == "task" else data["steps"]
            yield from [require_navigable(Episode.from_json(episode)) for episode in found]
        except KeyError as error:
            raise ConfigError(f"{path}:{number} is no task: it has no {error}") from None
        except (TypeError, ValueError) as error:
            raise ConfigError(f"{path}:{number} is no task: {error}") from None
