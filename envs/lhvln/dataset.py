"""Datasets of navigation episodes: a folder of scenes and of episodes, one JSON line each.

    DATASET/dataset.json                 format, version, splits
    DATASET/scenes/NAME/NAME.glb, ...    what envs.lhvln.scene reads
    DATASET/episodes/SPLIT.jsonl         whole tasks, of two to four subtasks
    DATASET/steps/SPLIT.jsonl            step-by-step tasks, of one subtask
    DATASET/trajectories/SPLIT.jsonl     the expert's way through the whole tasks (navgen.dataset)

An Episode's `start` has `scene` (a folder's name), `robot` (spot or stretch), `kind` (task or
step), `position` (x, y, z in m, y up; None: drawn from the episode's seed) and `yaw` (rad about
+y, 0 looks along -z). A Subtask's `goal` has `category` and `room`: any object of the category in
the room of that id counts; `objects` are the ids of those where they are known.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from envs.episode import Episode
from envs.specs import ConfigError, require_known

FORMAT, VERSION = "longhaul.lhvln", 1

Kind = Literal["task", "step"]

FOLDERS: dict[Kind, str] = {"task": "episodes", "step": "steps"}
KINDS = tuple(FOLDERS)

ALL = "all"
"""The split that is all others together, in their order."""


class Dataset:
    """A dataset's folder. Raises ConfigError, naming the folder, for any other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        info = _info(folder)
        self.splits: tuple[str, ...] = tuple(info["splits"])

    def scene(self, name: str) -> Path:
        """Return the folder of a scene. Raises ConfigError where there is none."""
        path = self.folder / "scenes" / name
        if not _is_name(name) or not path.is_dir():
            raise ConfigError(f"dataset {self.folder} has no scene {name!r}")
        return path

    def episodes(self, split: str = ALL, kind: Kind = "task") -> list[Episode]:
        """Return a split's episodes. Raises ConfigError for an unknown one and for a bad line."""
        require_known("split", split, (ALL, *self.splits))
        require_known("env.kind", kind, KINDS)
        chosen = self.splits if split == ALL else (split,)
        folder = self.folder / FOLDERS[kind]
        return [episode for name in chosen for episode in _read(folder / f"{name}.jsonl")]


def is_dataset(folder: Path) -> bool:
    """Say whether a folder is a dataset of ours."""
    return (folder / "dataset.json").is_file()


def write_info(folder: Path, splits: tuple[str, ...], **more: Any) -> None:
    """Write what makes a folder a dataset; `more` is kept beside it."""
    info = {"format": FORMAT, "version": VERSION, "splits": list(splits), **more}
    (folder / "dataset.json").write_text(json.dumps(info, indent=2) + "\n", encoding="utf-8")


def _info(folder: Path) -> dict[str, Any]:
    path = folder / "dataset.json"
    if not path.is_file():
        raise ConfigError(f"{folder} is no navigation dataset: it has no dataset.json")
    try:
        info = json.loads(path.read_text(encoding="utf-8"))
        kind, version, splits = info["format"], info["version"], info["splits"]
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{path} cannot be read: {error!r}") from None
    if (kind, version) != (FORMAT, VERSION):
        raise ConfigError(f"{path} is {kind} {version}; valid: {FORMAT} {VERSION}")
    if not isinstance(splits, list) or ALL in splits or not all(_is_name(n) for n in splits):
        raise ConfigError(f"{path}: splits={splits!r} must be a list of names")
    found: dict[str, Any] = info
    return found


def _is_name(name: Any) -> bool:
    """Say whether something names a file in a folder, and nothing outside it."""
    return isinstance(name, str) and name not in ("", ".", "..") and Path(name).name == name


def _read(path: Path) -> Iterator[Episode]:
    if not path.is_file():
        return
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield Episode.from_json(json.loads(line))
            except (ValueError, KeyError, TypeError) as error:
                raise ConfigError(f"{path}:{number} is no episode: {error}") from None
