"""The official assets with the official fingertip, and the rollouts recorded with them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from longhaul.envs.calvin.fingertip import GEL_FILE, ROBOT_URDF, lacks_fingertip
from longhaul.envs.calvin.simulation import PlayTable
from tests.shared import data, golden

LAST_COMMAND = 14
"""The index in robot_obs of the gripper's last command."""

Trace = tuple[NDArray[np.float64], NDArray[np.float64]]
"""robot_obs (rows, 15) and scene_obs (rows, 24), row 0 after the reset."""


def complete(parent: Path) -> Path:
    """Return the official assets with the official fingertip: as they are, or a copy in `parent`
    into which the mesh of data/calvin_env_fingertip is put."""
    folder = data("calvin_env")
    if not lacks_fingertip(folder):
        return folder
    mesh = data(f"calvin_env_fingertip/{GEL_FILE}")
    copy = parent / "calvin_env"
    shutil.copytree(folder, copy)
    shutil.copy(mesh, copy / ROBOT_URDF.parent / "meshes" / "visual" / GEL_FILE)
    assert not lacks_fingertip(copy)
    return copy


@dataclass(frozen=True)
class Recorded:
    """A rollout of calvin_env: what was given to reset and step, and what was observed.

    `pictures` holds the official pictures by camera and row.
    """

    name: str
    robot: NDArray[np.float64]
    scene: NDArray[np.float64]
    actions: NDArray[np.float64]
    trace: Trace
    pictures: dict[tuple[str, int], NDArray[np.uint8]]

    def follow(self, table: PlayTable) -> Iterator[int]:
        """Reset a table as calvin_env was, and give it the actions; yield each row's number."""
        table.reset(self.robot, self.scene)
        yield 0
        for row, action in enumerate(self.actions, start=1):
            table.step(action)
            yield row

    def trace_of(self, table: PlayTable) -> Trace:
        rows = [(table.robot_obs(), table.scene_obs()) for _ in self.follow(table)]
        return np.array([robot for robot, _ in rows]), np.array([scene for _, scene in rows])

    def distance(self, ours: Trace) -> NDArray[np.float64]:
        """Return the largest difference of any component in each row (meters, radians)."""
        both = zip(ours, self.trace, strict=True)
        return np.hstack([np.abs(mine - theirs) for mine, theirs in both]).max(axis=1)


def recorded(scene: str) -> list[Recorded]:
    """Return a scene's rollouts in the order in which calvin_env ran them, in one world.

    calvin_env keeps the gripper's last command over a reset: a rollout begins with the command that
    the one before ended with, which is given to the reset here.
    """
    with np.load(golden(f"calvin_env_{scene}.npz")) as file:
        arrays = dict(file)
    found, command = [], 1.0
    for name in sorted(key.split("_")[0] for key in arrays if key.endswith("_actions")):
        robot, actions = arrays[f"{name}_reset_robot_obs"].copy(), arrays[f"{name}_actions"]
        robot[LAST_COMMAND], command = command, actions[-1, 6]
        pictures = {
            (camera, int(row)): arrays[f"{name}_rgb_{camera}_{moment}"]
            for row, moment in zip(
                arrays[f"{name}_picture_steps"], ("start", "mid", "end"), strict=True
            )
            for camera in ("static", "gripper")
        }
        trace = arrays[f"{name}_robot_obs"], arrays[f"{name}_scene_obs"]
        start = arrays[f"{name}_reset_scene_obs"]
        found.append(Recorded(name, robot, start, actions, trace, pictures))
    return found


def block_order(scene: str) -> list[str]:
    """Return the names of the blocks in the order of the recorded scene_obs."""
    with np.load(golden(f"calvin_env_{scene}.npz")) as file:
        return [str(name) for name in file["block_order"]]
