"""Writes small files in the layouts of robomimic, of LIBERO and of its regenerated files, whose
pictures and actions say which frame they belong to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from longhaul.demos.source import DemoSource

STATES = {"robot0_eef_pos": 3, "robot0_eef_quat": 4, "robot0_gripper_qpos": 2, "object": 10}
STATES |= {"robot0_joint_pos": 7}
CONTROLLER = {
    "type": "OSC_POSE",
    "control_delta": True,
    "output_max": [0.05, 0.05, 0.05, 0.5, 0.5, 0.5],
}
ENV_ARGS = {
    "env_name": "NutAssemblySquare",
    "type": 1,
    "env_kwargs": {"control_freq": 20, "controller_configs": CONTROLLER},
}


def pictures(demo: int, frames: int, side: int) -> NDArray[np.uint8]:
    """Return pictures whose first column holds the demonstration and the frame, and whose rows
    count from the top."""
    made = np.zeros((frames, side, side, 3), np.uint8)
    made[..., 0], made[..., 1] = demo, np.arange(frames)[:, None, None]
    made[..., 2] = np.arange(side, dtype=np.uint8)[:, None]
    return made


def actions(demo: int, frames: int) -> NDArray[np.float64]:
    """Return actions whose first two components are the demonstration and the frame."""
    made = np.zeros((frames, 7))
    made[:, 0], made[:, 1] = demo, np.arange(frames)
    made[:, 6] = np.where(np.arange(frames) % 4 < 2, -1, 1)
    return made


def robomimic(
    path: Path,
    demos: dict[int, int],
    masks: dict[str, list[int]] | None = None,
    args: Any = ENV_ARGS,
    side: int = 12,
    **compressed: Any,
) -> None:
    """Write demonstrations of so many frames by their numbers, with filter keys."""
    with h5py.File(path, "w") as file:
        data = file.create_group("data")
        data.attrs["total"] = sum(demos.values())
        if args is not None:
            data.attrs["env_args"] = args if isinstance(args, str) else json.dumps(args)
        for number, frames in demos.items():
            demo = data.create_group(f"demo_{number}")
            demo.attrs["num_samples"], demo.attrs["model_file"] = frames, "<mujoco/>"
            demo["actions"] = actions(number, frames)
            demo["actions_abs"] = actions(number, frames) + 100
            demo["rewards"] = np.arange(frames) == (frames - 1 if number % 2 else frames)
            demo["dones"], demo["states"] = np.zeros(frames, int), np.zeros((frames, 32))
            for group in ("obs", "next_obs"):
                obs = demo.create_group(group)
                for camera in ("agentview_image", "robot0_eye_in_hand_image"):
                    shown = pictures(number, frames, side)
                    obs.create_dataset(camera, data=shown, **compressed)
                obs["agentview_depth"] = np.zeros((frames, side, side, 1), np.float32)
                for name, size in STATES.items():
                    obs[name] = np.arange(frames)[:, None] + np.arange(size) / 10
                obs["robot0_eef_quat"][...] = [0, 0, np.sin(0.2), np.cos(0.2)]
        for key, numbers in (masks or {}).items():
            file[f"mask/{key}"] = np.array([f"demo_{n}" for n in numbers], "S")


def regenerated(
    path: Path, demos: dict[int, int], behind: bool = False, moving: bool = False
) -> None:
    """Write what scripts like OpenVLA's write: LIBERO's names without attributes, observations from
    before the action. With `behind` they come after it, as in LIBERO's own files; if `moving`, the
    joints tell."""
    with h5py.File(path, "w") as file:
        for number, frames in demos.items():
            demo = file.create_group(f"data/demo_{number}")
            demo["actions"], demo["robot_states"] = actions(number, frames), np.zeros((frames, 9))
            demo["rewards"], demo["dones"] = np.zeros(frames, np.uint8), np.zeros(frames, np.uint8)
            joints = moving * 0.05 * np.arange(frames + 1)[:, None] + np.arange(7)
            demo["states"] = np.concatenate(
                [np.arange(frames)[:, None] / 20, joints[:-1] + 0.002, np.zeros((frames, 70))], 1
            )
            obs = demo.create_group("obs")
            obs["joint_states"] = joints[1:] if behind else joints[:-1]
            obs["gripper_states"], obs["ee_states"] = np.zeros((frames, 2)), np.ones((frames, 6))
            obs["ee_pos"], obs["ee_ori"] = np.ones((frames, 3)), np.ones((frames, 3))
            for camera in ("agentview_rgb", "eye_in_hand_rgb"):
                obs[camera] = pictures(number, frames, 16)[:, ::-1]


def require_rows_fit(source: DemoSource, numbers: list[int], ahead: int = 0) -> None:
    """Check each frame's picture, upright, and the action of its row, or of one `ahead`."""
    for index, number in enumerate(numbers):
        trajectory, frames = source.trajectory(index), int(source.lengths()[index])
        assert len(trajectory) == frames
        np.testing.assert_array_equal(trajectory.actions[:, 0], number)
        np.testing.assert_array_equal(trajectory.actions[:, 1], np.arange(frames) + ahead)
        for camera in source.spec.pictures:
            shown = np.stack(list(source.frames(index, camera.name)))
            assert (shown[..., 0] == number).all()
            np.testing.assert_array_equal(shown[:, 0, 0, 1], np.arange(frames))
            np.testing.assert_array_equal(shown[0, :, 0, 2], np.arange(camera.height))
