"""Reads LeRobotDataset v3 folders of others, with a configuration that says what their features
mean.

Nothing is guessed, and nothing is converted that the configuration does not say;
configs/data/droid.yaml is an example.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pyarrow.parquet
from numpy.typing import NDArray

from longhaul.demos.lerobot import layout
from longhaul.demos.lerobot.episodes import read_rows
from longhaul.demos.lerobot.tables import read_table, readable, require_modest
from longhaul.demos.source import DatasetError, DemoSpec, Segment, Trajectory
from longhaul.demos.video import decode
from longhaul.envs.specs import ActionSpec, CameraSpec, ObservationSpec, StateSpec


class ForeignSource:
    """Fulfills longhaul.demos.source.DemoSource; an episode is a trajectory with one instruction.

    A component of a state or an action is `{key, scale, offset}`, where `key` names a feature; with
    `closed_above` it becomes a gripper command, -1 above that value and +1 below; with `previous`
    it is the value of the frame before.

    Args:
        cameras: Our names of the cameras, each with its video feature.
        states: Names of states, each with a list of the components that are concatenated.
        action: Either `{parts: [...]}`, a list of components, or `{delta_of: key, gripper:
            component}`, the difference of a pose (xyz in m, euler xyz in rad) to that of the next
            frame, in units of `position_scale` and `rotation_scale`, clipped to [-1, 1].
        mounts: The frames that carry the cameras, by our names; the others stand in the world.
        conventions: The values of frame, rotation and gripper, as in StateSpec and ActionSpec.
        success: The feature that says whether an episode succeeded.
    """

    def __init__(
        self,
        folder: Path,
        cameras: Mapping[str, str] | None = None,
        states: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
        action: Mapping[str, Any] | None = None,
        mounts: Mapping[str, str] | None = None,
        conventions: Mapping[str, str] | None = None,
        success: str | None = None,
    ) -> None:
        """Raise DatasetError for another version, a missing feature or a missing configuration."""
        self._folder, self._success = folder, success
        info = layout.read_json(folder / layout.INFO_FILE)
        if info.get("codebase_version") != layout.CODEBASE_VERSION:
            raise DatasetError(
                f"{folder} is of version {info.get('codebase_version')}; "
                f"valid: {layout.CODEBASE_VERSION}"
            )
        if not (cameras and states and action):
            raise DatasetError(
                f"{folder} was not written by this suite: say what its features mean, as "
                "configs/data/droid.yaml does (data=droid)"
            )
        self._info, self._features = info, info["features"]
        self._cameras, self._states, self._action = dict(cameras), dict(states), dict(action)
        self.spec = self._conventions(dict(mounts or {}), dict(conventions or {}))
        self._rows = read_rows(folder)
        tasks = folder / layout.TASKS_FILE
        table = read_table(tasks)
        with readable(tasks):
            self._tasks = list(table.to_pandas().index)

    def __len__(self) -> int:
        return len(self._rows)

    def lengths(self) -> NDArray[np.int64]:
        return np.array([row["length"] for row in self._rows], np.int64)

    def trajectory(self, index: int) -> Trajectory:
        columns = self._columns(index)
        length = self._rows[index]["length"]
        task = self._tasks[int(columns["task_index"][0])]
        done = bool(columns[self._success].all()) if self._success else True
        return Trajectory(
            id=f"episode-{self._rows[index]['episode_index']:06d}",
            states={
                name: np.concatenate(
                    [_component(columns, component) for component in components], axis=1
                )
                for name, components in self._states.items()
            },
            actions=self._actions(columns),
            segments=(Segment(0, length, task, task, done),),
        )

    def frames(self, index: int, camera: str) -> Iterator[NDArray[np.uint8]]:
        row, key = self._rows[index], self._cameras[camera]
        prefix = f"videos/{key}"
        path = layout.file_in(
            self._folder,
            self._info.get("video_path", layout.VIDEO_FILE),
            video_key=key,
            chunk_index=row[f"{prefix}/chunk_index"],
            file_index=row[f"{prefix}/file_index"],
        )
        return decode(path, row[f"{prefix}/from_timestamp"], row["length"])

    def fingerprint(self) -> str:
        """Return a hash of the options, the totals and the table of episodes."""
        chosen = (self._cameras, self._states, self._action, self._success)
        return sha256(repr((chosen, self._info, self._rows)).encode()).hexdigest()

    def _conventions(self, mounts: dict[str, str], conventions: dict[str, Any]) -> DemoSpec:
        keys = list(self._cameras.values())
        keys += [
            component["key"] for components in self._states.values() for component in components
        ]
        keys += [component["key"] for component in self._action_components()] + [
            self._success or "task_index"
        ]
        for key in keys:
            if key not in self._features:
                valid = ", ".join(sorted(self._features))
                raise DatasetError(f"{self._folder} has no feature {key}; it has {valid}")
        sizes = {name: self._features[key]["shape"] for name, key in self._cameras.items()}
        names = ("position_scale", "rotation_scale")
        scales: dict[str, Any] = {name: self._action.get(name, 1.0) for name in names}
        delta = "delta_of" in self._action
        width = sum(self._size(component) for component in self._action_components())
        return DemoSpec(
            ObservationSpec(
                tuple(
                    CameraSpec(name, height, across, mount=mounts.get(name, "world"))
                    for name, (height, across, _) in sizes.items()
                ),
                tuple(
                    StateSpec(
                        name,
                        sum(self._size(component) for component in components),
                        (),
                        **conventions,
                    )
                    for name, components in self._states.items()
                ),
            ),
            ActionSpec(
                mode="delta" if delta else "absolute",
                size=width,
                **scales,
                **conventions,
                rate=float(self._info["fps"]),
            ),
        )

    def _action_components(self) -> list[Mapping[str, Any]]:
        if "delta_of" in self._action:
            return [{"key": self._action["delta_of"]}, self._action["gripper"]]
        return list(self._action["parts"])

    def _size(self, component: Mapping[str, Any]) -> int:
        return int(np.prod(self._features[component["key"]]["shape"]))

    def _actions(self, columns: Mapping[str, NDArray[Any]]) -> NDArray[np.float32]:
        components = [_component(columns, component) for component in self._action_components()]
        if "delta_of" in self._action:
            pose = components[0].astype(np.float64)
            step = np.diff(pose, axis=0, append=pose[-1:])
            step[:, 3:6] = (step[:, 3:6] + np.pi) % (2 * np.pi) - np.pi
            step[:, :3] /= self._action["position_scale"]
            step[:, 3:6] /= self._action["rotation_scale"]
            components[0] = np.clip(step, -1, 1).astype(np.float32)
        return np.concatenate(components, axis=1)

    def _columns(self, index: int) -> dict[str, NDArray[Any]]:
        row = self._rows[index]
        path = layout.file_in(
            self._folder,
            self._info.get("data_path", layout.DATA_FILE),
            chunk_index=row["data/chunk_index"],
            file_index=row["data/file_index"],
        )
        wanted = {
            component["key"] for components in self._states.values() for component in components
        }
        wanted |= {component["key"] for component in self._action_components()} | {"task_index"}
        wanted |= {self._success} if self._success else set()
        number = row["episode_index"]
        with readable(path):
            require_modest(path, pyarrow.parquet.read_metadata(path))
            table = pyarrow.parquet.read_table(
                path, columns=sorted(wanted), filters=[("episode_index", "==", number)]
            )
        if len(table) != row["length"]:
            raise DatasetError(
                f"{path}: {len(table)} frames of episode {number}, "
                f"the metadata says {row['length']}"
            )
        return {name: np.array(table[name].to_pylist()) for name in table.column_names}


def _component(
    columns: Mapping[str, NDArray[Any]], component: Mapping[str, Any]
) -> NDArray[np.float32]:
    """Return one component of a vector: (frames, size)."""
    values = columns[component["key"]].reshape(len(columns["task_index"]), -1)
    if "closed_above" in component:
        values = np.where(values > component["closed_above"], -1.0, 1.0)
    if component.get("previous"):
        values = np.concatenate([values[:1], values[:-1]])
    scaled: NDArray[Any] = values * component.get("scale", 1.0) + component.get("offset", 0.0)
    return scaled.astype(np.float32)
