"""Reads LeRobotDataset v3 folders of others, with a configuration that says what their features
mean, and copies of ours that lerobot's tools made, whose features say it themselves.

Nothing is guessed, and nothing is converted that the configuration does not say;
configs/data/droid.yaml is an example.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from longhaul.demos.lerobot import layout
from longhaul.demos.lerobot.cameras import read_cameras
from longhaul.demos.lerobot.copied import read_copied, read_segments
from longhaul.demos.lerobot.data_files import read_episode
from longhaul.demos.lerobot.episodes import tables_of
from longhaul.demos.lerobot.info import read_info
from longhaul.demos.lerobot.pictures import Pictures, read_episodes
from longhaul.demos.lerobot.tasks import NUMBER, read_tasks, segments
from longhaul.demos.lerobot.vectors import read_vectors
from longhaul.demos.source import DatasetError, DemoSpec, Segment, Trajectory
from longhaul.envs.specs import ObservationSpec


class ForeignSource:
    """Fulfills longhaul.demos.source.DemoSource; an episode is a trajectory, and frames of one
    task in a row are a segment. A copy of one of our datasets needs no options.

    States and actions are made of parts. A part is `{key: FEATURE}`, or some of its numbers:
    `index` takes one or a list, `slice: [START, STOP]` those from START to before STOP, `names`
    those that the feature calls so. They are multiplied by `scale`, and `offset` is added; with
    `closed_above` they are gripper commands, -1 above that value and +1 below; with `previous` they
    are those of the frame before.

    Args:
        cameras: Our names of the cameras, each with its feature, of dtype video or image.
        states: Names of states, each with a list of the parts that are concatenated.
        action: Either `{parts: [...], mode: delta}`, columns that hold what `mode` says, absolute
            unless it is given, or `{delta_of: PART, gripper: PART}`, the difference of a pose (xyz
            in m, euler xyz in rad) to that of the next frame, divided by the scales and clipped to
            [-1, 1]. `position_scale` (m) and `rotation_scale` (rad) say what 1 stands for, in
            columns too, which are not divided.
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
        copied = None if cameras or states or action else read_copied(self._info)
        if copied is not None:
            self._cameras, self._vectors, self.spec = copied.cameras, copied.vectors, copied.spec
        elif cameras and states and action:
            self._cameras = read_cameras(self._info, cameras, mounts or {})
            self._vectors = read_vectors(
                states, action, conventions, self._info.features, self._info.rate, str(folder)
            )
            seen = tuple(camera.spec for camera in self._cameras.values())
            self.spec = DemoSpec(
                ObservationSpec(seen, self._vectors.state_specs), self._vectors.action_spec
            )
        else:
            raise DatasetError(
                f"{folder} was not written by this suite, or by an older one: say what its "
                "features mean by cameras, states and action, as configs/data/droid.yaml does "
                "(data=droid)"
            )
        self._copied = copied
        self._info.feature(success or NUMBER)
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
        copied, number = self._copied, self._rows[index]["episode_index"]
        return Trajectory(
            id=f"episode-{number:06d}",
            states=self._vectors.states_of(columns),
            actions=self._vectors.actions_of(columns),
            executed=columns[copied.executed] if copied and copied.executed else None,
            segments=self._segments(columns, path, number),
        )

    def _segments(
        self, columns: Mapping[str, NDArray[Any]], path: Path, number: int
    ) -> tuple[Segment, ...]:
        if self._copied and not self._success and layout.SEGMENTS in self._info.features:
            return read_segments(path, number)
        done = bool(np.nan_to_num(columns[self._success]).any()) if self._success else True
        found = segments(columns[NUMBER], self._tasks, done, path)
        nothing = layout.NO_TASK if self._copied else None
        return tuple(segment for segment in found if segment.instruction != nothing)

    def frames(self, index: int, camera: str) -> Iterator[NDArray[Any]]:
        if self._copied and camera in self._copied.maps:
            return self._map_frames(index, camera, self._copied.maps[camera])
        return self._pictures.frames(index, camera)

    def _map_frames(self, index: int, camera: str, key: str) -> Iterator[NDArray[np.float16]]:
        number = self._rows[index]["episode_index"]
        values = read_episode(self._pictures.data_file(index), [key], number)[key]
        shape = next((c.height, c.width) for c in self.spec.maps if c.name == camera)
        return iter(values.astype(np.float16).reshape(-1, *shape))

    def fingerprint(self) -> str:
        """Return a hash of the options, of info.json, and of the tables of episodes and tasks."""
        chosen = (self._cameras, self._vectors, self._success)
        hasher = sha256(repr(chosen).encode())
        for path in (self._info.path, self._folder / layout.TASKS_FILE, *tables_of(self._folder)):
            hasher.update(path.read_bytes())
        return hasher.hexdigest()

    def _columns(self, index: int) -> dict[str, NDArray[Any]]:
        wanted = self._vectors.keys() | {NUMBER}
        wanted |= {self._success} if self._success else set()
        wanted |= {self._copied.executed} if self._copied and self._copied.executed else set()
        path, row = self._pictures.data_file(index), self._rows[index]
        columns = read_episode(path, sorted(wanted), row["episode_index"])
        if len(columns[NUMBER]) != row["length"]:
            raise DatasetError(
                f"{path}: {len(columns[NUMBER])} frames of episode {row['episode_index']}, the "
                f"metadata says {row['length']}"
            )
        for key in sorted(self._vectors.keys()):
            width, said = columns[key][:1].size, self._info.shape(key)
            if width != math.prod(said):
                raise DatasetError(
                    f"{path}: column {key!r} has {width} numbers a frame, the shape of the feature "
                    f"in info.json is {said}"
                )
        return columns
