"""A small dataset in memory whose pictures tell which frame they are."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from longhaul.demos.source import DemoSpec, Segment, Trajectory
from longhaul.envs.specs import ActionSpec, CameraSpec, ObservationSpec, StateSpec

SPEC = DemoSpec(
    ObservationSpec(
        (CameraSpec("front", 32, 32), CameraSpec("wrist", 16, 16, mount="gripper")),
        (StateSpec("robot_obs", 3), StateSpec("scene_obs", 2)),
    ),
    ActionSpec("delta", 2, "world", "euler_xyz", "open=+1", 0.02, 0.05, 30.0),
)


def picture(trajectory: int, frame: int, side: int) -> NDArray[np.uint8]:
    """Return a picture of one color, which says where it is from."""
    return np.full((side, side, 3), (trajectory * 40 + 20, frame * 4, 128), np.uint8)


class MadeSource:
    """Trajectories of the given lengths; each is two segments, the second of which failed in
    trajectory 1."""

    def __init__(self, lengths: tuple[int, ...] = (30, 21, 40), jogged: bool = False) -> None:
        self.spec = SPEC
        self._lengths, self._jogged = lengths, jogged

    def __len__(self) -> int:
        return len(self._lengths)

    def lengths(self) -> NDArray[np.int64]:
        return np.array(self._lengths, np.int64)

    def trajectory(self, index: int) -> Trajectory:
        frames = self._lengths[index]
        where = np.stack([np.full(frames, index), np.arange(frames)], axis=1).astype(np.float32)
        return Trajectory(
            id=f"made-{index}",
            states={"robot_obs": np.pad(where, ((0, 0), (0, 1))), "scene_obs": where},
            actions=where,
            executed=where + 0.5 if self._jogged else None,
            segments=(
                Segment(0, 10, "reach", "reach it"),
                Segment(10, frames, "push", "push it", success=index != 1),
            ),
        )

    def frames(self, index: int, camera: str) -> Iterator[NDArray[np.uint8]]:
        side = {"front": 32, "wrist": 16}[camera]
        for frame in range(self._lengths[index]):
            yield picture(index, frame, side)

    def fingerprint(self) -> str:
        return f"made {self._lengths} {self._jogged}"
