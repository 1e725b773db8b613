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
from numpy.typing import NDArray

from longhaul.demos.lerobot import layout
from longhaul.demos.lerobot.cameras import read_camera
from longhaul.demos.lerobot.data_files import read_episode
from longhaul.demos.lerobot.episodes import tables_of
from longhaul.demos.lerobot.info import read_info
from longhaul.demos.lerobot.pictures import Pictures, read_episodes
from longhaul.demos.lerobot.tasks import NUMBER, read_tasks, segments
from longhaul.demos.source import DatasetError, DemoSpec, Trajectory
from longhaul.envs.specs import ActionSpec, ObservationSpec, StateSpec


class ForeignSource:
    """Fulfills longhaul.demos.source.DemoSource; an episode is a trajectory, and frames of one
    task in a row are a segment.

    A component of a state or an action is `{key, scale, offset}`, where `key` names a feature; with
    `closed_above` it becomes a gripper command, -1 above that value and +1 below; with `previous`
    it is the value of the frame before.

    Args:
        cameras: Our names of the cameras, each with its feature, of dtype video or image.
        states: Names of states, each with a list of the components that are concatenated.
        action: Either `{parts: [...]}`, a list of components, or `{delta_of: key, gripper:
            component}`, the difference of a pose (xyz in m, euler xyz in rad) to that of the next
            frame, in units of `position_scale` and `rotation_scale`, clipped to [-1, 1].
        mounts: The frames that carry the cameras, by our names; the others stand in the world.
        conventions: The values of frame, rotation and gripper, as in StateSpec and ActionSpec.
        success: The feature that is true in any frame of an episode that succeeded, as lerobot
            means `next.success`.
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
        self._info = read_info(folder)
        if not (cameras and states and action):
            raise DatasetError(
                f"{folder} was not written by this suite: say what its features mean, as "
                "configs/data/droid.yaml does (data=droid)"
            )
        self._states, self._action = dict(states), dict(action)
        mounts = mounts or {}
        self._cameras = {
            name: read_camera(self._info, name, key, mounts.get(name, "world"))
            for name, key in cameras.items()
        }
        self.spec = self._conventions(dict(conventions or {}))
        self._rows = read_episodes(folder, self._cameras)
        self._pictures = Pictures(self._info, self._cameras, self._rows)
        self._tasks = read_tasks(folder)

    def __len__(self) -> int:
        return len(self._rows)

    def lengths(self) -> NDArray[np.int64]:
        return np.array([row["length"] for row in self._rows], np.int64)

    def trajectory(self, index: int) -> Trajectory:
        columns = self._columns(index)
        path = self._pictures.data_file(index)
        done = bool(columns[self._success].any()) if self._success else True
        return Trajectory(
            id=f"episode-{self._rows[index]['episode_index']:06d}",
            states={
                name: np.concatenate(
                    [_component(columns, component) for component in components], axis=1
                )
                for name, components in self._states.items()
            },
            actions=self._actions(columns),
            segments=segments(columns[NUMBER], self._tasks, done, path),
        )

    def frames(self, index: int, camera: str) -> Iterator[NDArray[Any]]:
        return self._pictures.frames(index, camera)

    def fingerprint(self) -> str:
        """Return a hash of the options, of info.json, and of the tables of episodes and tasks."""
        chosen = (self._cameras, self._states, self._action, self._success)
        hasher = sha256(repr(chosen).encode())
        for path in (self._info.path, self._folder / layout.TASKS_FILE, *tables_of(self._folder)):
            hasher.update(path.read_bytes())
        return hasher.hexdigest()

    def _conventions(self, conventions: dict[str, Any]) -> DemoSpec:
        keys = [c["key"] for components in self._states.values() for c in components]
        keys += [c["key"] for c in self._action_components()]
        for key in (*keys, self._success or NUMBER):
            self._info.feature(key)
        names = ("position_scale", "rotation_scale")
        scales: dict[str, Any] = {name: self._action.get(name, 1.0) for name in names}
        delta = "delta_of" in self._action
        width = sum(self._size(component) for component in self._action_components())
        return DemoSpec(
            ObservationSpec(
                tuple(camera.spec for camera in self._cameras.values()),
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
                rate=self._info.rate,
            ),
        )

    def _action_components(self) -> list[Mapping[str, Any]]:
        if "delta_of" in self._action:
            return [{"key": self._action["delta_of"]}, self._action["gripper"]]
        return list(self._action["parts"])

    def _size(self, component: Mapping[str, Any]) -> int:
        return int(np.prod(self._info.shape(component["key"])))

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
        wanted = {c["key"] for components in self._states.values() for c in components}
        wanted |= {c["key"] for c in self._action_components()} | {NUMBER}
        wanted |= {self._success} if self._success else set()
        path, row = self._pictures.data_file(index), self._rows[index]
        columns = read_episode(path, sorted(wanted), row["episode_index"])
        if len(columns[NUMBER]) != row["length"]:
            raise DatasetError(
                f"{path}: {len(columns[NUMBER])} frames of episode {row['episode_index']}, the "
                f"metadata says {row['length']}"
            )
        return columns


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
