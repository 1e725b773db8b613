"""The published LHPR-VLN data set (HCPLab-SYSU/LH-VLN), read as episodes.

    FOLDER/task/batch_B/N/INSTRUCTION/config.json                 a task
    FOLDER/task/batch_B/N/INSTRUCTION/success/trial_1/task.json   how it was solved
    FOLDER/step_task/batch_B/*.json                               step-by-step tasks
    FOLDER/episode_task/batch_B.json.gz                           both, in one file

The frames beside these files are not needed. Scenes are those of HM3D, by their names. Three errors
of the published loader are avoided here: a task is found by its folder and not by a substring of
its sentence, all digits of a region's id are read, and a start pose is taken from the trajectory
if one is stored, instead of being drawn again.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal
from zlib import crc32

from longhaul.documents import read_json, read_packed_json
from longhaul.envs.episode import Episode, Subtask
from longhaul.envs.lhvln.checks import require_navigable
from longhaul.errors import ConfigError, require_known
from longhaul.identifiers import require_identifiers

SPLITS = ("train", "val", "test")

SplitBy = Literal["scene", "batch"]

YAW_AHEAD_DEG = 180.0
"""The yaw that the published data stores for a camera that looks along -z. Its code starts counting
yaw from there, and its first move_forward undoes a shift of the start along +z."""

FIRST_NUMBER = {
    "scene": {"train": 0, "val": 700, "test": 800},
    "batch": {"train": 1, "val": 6, "test": 7},
}
"""The first scene number or batch of each split, as in the published loader."""

REGION_PATTERN = re.compile(r"(?:Region\s+)?_?(\d+)(?:\s*:\s*(.+))?")
BATCH_PATTERN = re.compile(r"batch_(\d+)")
NUMBER_PATTERN = re.compile(r"\d+")


class Lhpr:
    """The folder of the published data. Raises ConfigError naming the folder if it is none."""

    splits = SPLITS

    def __init__(self, folder: Path, split_by: SplitBy = "scene") -> None:
        require_known("split_by", split_by, tuple(FIRST_NUMBER))
        if not is_lhpr(folder):
            raise ConfigError(f"{folder} is no LHPR-VLN data: it has no task/ and no episode_task/")
        self.folder, self._split_by = folder, split_by

    def episodes(self, split: str = "all", kind: Literal["task", "step"] = "task") -> list[Episode]:
        """Return the episodes of a split, those of packed batches first; a task that is stored in
        both forms is returned once. Raises ConfigError for an unknown split, for a file that is no
        task, and for an id that one of the forms has twice."""
        require_known("split", split, ("all", *SPLITS))
        packed, single = list(self._packed(kind)), list(self._single(kind))
        for form in (packed, single):
            require_identifiers((e.id for e in form), f"env.dataset={self.folder}: episode id")
        found = {_key(episode): episode for episode in (*packed, *single)}
        return [e for e in found.values() if split in ("all", self.split_of(e))]

    def split_of(self, episode: Episode) -> str:
        """Return the split of an episode, by its scene's number or its batch."""
        number = scene_number(episode.start["scene"])
        if self._split_by == "batch":
            number = episode.start["batch"]
        least = FIRST_NUMBER[self._split_by]
        return max((name for name in SPLITS if least[name] <= number), key=lambda name: least[name])

    def _packed(self, kind: str) -> Iterator[Episode]:
        for packed in sorted((self.folder / "episode_task").glob("batch_*.json.gz"), key=_batch):
            yield from _packed(packed, kind)

    def _single(self, kind: str) -> Iterator[Episode]:
        if kind == "step":
            for path in sorted((self.folder / "step_task").glob("batch_*/*.json"), key=_order):
                yield _step(_load(path), _batch(path.parent), path.stem, path)
            return
        for path in sorted((self.folder / "task").glob("batch_*/*/*/config.json"), key=_order):
            yield _task(_load(path), _batch(path.parents[2]), _trial(path.parent), path)


def _key(episode: Episode) -> tuple[Any, ...]:
    """Return a key that identifies a task in both forms, since steps are numbered differently."""
    start = episode.start
    if start["kind"] == "task":
        return (episode.id,)
    where = None if start["position"] is None else tuple(start["position"])
    (subtask,) = episode.subtasks
    length = subtask.gt_steps
    return start["batch"], start["scene"], episode.instruction, length, where, start["yaw"]


def is_lhpr(folder: Path) -> bool:
    """Say whether a folder is LHPR-VLN data."""
    return (folder / "task").is_dir() or (folder / "episode_task").is_dir()


def scene_number(scene: str) -> int:
    """Return the number in a scene's name, which determines its split: 9 of 00009-vLpv2VX547B.

    Raises ConfigError if there is none.
    """
    found = NUMBER_PATTERN.search(scene)
    if found is None:
        raise ConfigError(f"scene {scene!r} has no number as HM3D's have: 00009-vLpv2VX547B")
    return int(found[0])


def yaw_of(degrees: float) -> float:
    """Return the yaw (rad about +y, 0 along -z, -pi to pi) for a stored yaw in degrees."""
    turned = (float(degrees) - YAW_AHEAD_DEG + 180.0) % 360.0 - 180.0
    return math.radians(turned)


def degrees_of(yaw: float) -> float:
    """Return the degrees in (-180, 180] that the published data stores for a yaw (rad)."""
    return 180.0 - (-math.degrees(yaw) - YAW_AHEAD_DEG + 180.0) % 360.0


def _packed(path: Path, kind: str) -> Iterator[Episode]:
    batch, data = _batch(path), _load(path)
    for number, entry in data.items():
        try:
            steps = entry["st_task"]
            if kind == "step":
                for index, step in enumerate(steps):
                    yield _step(step, batch, f"{number}-{index}", path)
            else:
                yield _task(entry["lh_task"], batch, _first_pose(steps), path)
        except (KeyError, TypeError) as error:
            raise ConfigError(f"{path}: entry {number!r} is no task: {error!r}") from None


def _task(data: Mapping[str, Any], batch: int, trial: Mapping[str, Any], path: Path) -> Episode:
    try:
        instruction, scene, robot = data["Task instruction"], data["Scene"], data["Robot"].lower()
        objects = [(name, *_region(region)) for name, region in data["Object"]]
        lengths = data.get("gt_step") or trial.get("lengths") or [0] * len(objects)
        subtasks = [
            _subtask(name, number, room, int(length))
            for (name, number, room), length in zip(objects, lengths, strict=True)
        ]
        name = f"batch_{batch}/{len(subtasks)}/{instruction}"
        return require_navigable(
            Episode(
                id=name,
                seed=crc32(name.encode()),
                instruction=instruction,
                subtasks=tuple(subtasks),
                start=_start(scene, robot, "task", batch, trial.get("position"), trial.get("yaw")),
            )
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigError(f"{path} is no task: {error!r}") from None


def _step(data: Mapping[str, Any], batch: int, name: str, path: Path) -> Episode:
    try:
        (target,), (region,) = data["target"], data["Region"]
        number, room = _region(str(region))
        length = int(data["end"]) - int(data["start"]) + 1
        yaw = yaw_of(data["start_yaw"])
        instruction, scene, robot = data["Task instruction"], data["Scene"], data["Robot"].lower()
        start = _start(scene, robot, "step", batch, data["start_pos"], yaw)
        subtask = _subtask(target, number, room, length)
        name = f"batch_{batch}/step/{name}"
        return require_navigable(
            Episode(name, crc32(name.encode()), instruction, (subtask,), start)
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigError(f"{path} is no step task: {error!r}") from None


def _subtask(name: str, number: int, room: str, length: int) -> Subtask:
    where = f" in the {room.lower()}" if room else ""
    goal = {"category": name, "room": number}
    return Subtask(f"{name}_{number}", f"go to the {name}{where}", length, goal)


def _start(
    scene: str, robot: str, kind: str, batch: int, position: Any, yaw: float | None
) -> dict[str, Any]:
    scene_number(scene)
    where = None if position is None else [float(value) for value in position]
    return {
        "scene": scene,
        "robot": robot,
        "kind": kind,
        "batch": batch,
        "position": where,
        "yaw": 0.0 if yaw is None else yaw,
    }


def _region(text: str) -> tuple[int, str]:
    """Return id and name of "Region 3: Kitchen", or of "3"."""
    found = REGION_PATTERN.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no region")
    return int(found[1]), (found[2] or "").strip()


def _trial(folder: Path) -> dict[str, Any]:
    """Return start pose and lengths of the legs of a stored solution; empty without one."""
    paths = sorted((folder / "success").glob("trial_*/task.json"))
    if not paths:
        return {}
    try:
        trials = list(_load(paths[0])["trial"].values())
        return {
            "position": trials[0]["pos"][0],
            "yaw": yaw_of(trials[0]["yaw"][0]),
            "lengths": [max(len(trial["action"]) - 1, 1) for trial in trials],
        }
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise ConfigError(f"{paths[0]} is no trial: {error!r}") from None


def _first_pose(steps: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the start pose stored with a task's first step; empty without one."""
    first = next((step for step in steps if int(step["start"]) <= 0), None)
    if first is None:
        return {}
    return {"position": first["start_pos"], "yaw": yaw_of(first["start_yaw"])}


def _load(path: Path) -> Any:
    try:
        data = read_packed_json(path) if path.suffix == ".gz" else read_json(path)
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from None
    if not isinstance(data, dict):
        raise ConfigError(f"{path} holds no JSON object")
    return data


def _batch(path: Path) -> int:
    found = BATCH_PATTERN.match(path.name)
    if found is None:
        raise ConfigError(f"{path} is not named batch_1, batch_2, ...")
    return int(found[1])


def _order(path: Path) -> tuple[int, str]:
    number = next(
        int(found[1]) for part in path.parts[::-1] if (found := BATCH_PATTERN.fullmatch(part))
    )
    return number, str(path)
