"""Observed joints tell LIBERO's own files from regenerated ones in rollouts of the real package."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from longhaul.demos import robosuite
from tests.shared import golden

ROLLOUTS = [
    f"libero10_task{task}_init{init}_seed{seed}_{kind}.npz"
    for task, init, seed, kinds in (
        (0, 0, 0, ("expert",)),
        (0, 3, 0, ("random", "scripted")),
        (2, 0, 0, ("random", "scripted")),
        (3, 1, 0, ("expert",)),
        (9, 2, 0, ("expert",)),
        (9, 7, 1, ("random", "scripted")),
    )
    for kind in kinds
]


@pytest.mark.parametrize("name", ROLLOUTS)
@pytest.mark.parametrize("behind", [False, True])
def test_joints_tell_which_observation_belongs_to_an_action(
    behind: bool, name: str, tmp_path: Path
) -> None:
    with np.load(golden(f"libero/mujoco_3.3.2/{name}")) as rollout:
        joints = rollout["joint_pos" if "joint_pos" in rollout else "robot0_joint_pos"]
        qpos, qvel = rollout["qpos"], rollout["qvel"]
    with h5py.File(tmp_path / "a.hdf5", "w") as file:
        time = np.arange(len(qpos))[:, None] / 20
        file["data/demo_0/states"] = np.concatenate([time, qpos, qvel], axis=1)[:-1]
        file["data/demo_0/obs/joint_states"] = joints[1:] if behind else joints[:-1]
        assert robosuite.is_behind(file, "data/demo_0") is behind
