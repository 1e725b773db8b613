"""Names and conventions of CALVIN's dataset, as mees/calvin's dataset/README.md gives them."""

from __future__ import annotations

from longhaul.demos.source import DemoSpec
from longhaul.envs.specs import ActionSpec, CameraSpec, ObservationSpec, StateSpec

FRAME_FILE = "episode_{:07d}.npz"
"""The file of the frame with a number."""

RANGES_FILE = "ep_start_end_ids.npy"
"""The file of the first and last frames of the recorded episodes."""

ANNOTATIONS_FILE = "auto_lang_ann.npy"
"""The file of the sentences."""

CAMERA_SIDES_PX = {"rgb_static": 200, "rgb_gripper": 84}
"""The names of the cameras, and the sides (pixels) of their pictures."""

STATE_SIZES = {"robot_obs": 15, "scene_obs": 24}
"""The names of the states, and their numbers of components."""

ACTION_MODES = {"rel_actions": "delta", "actions": "absolute"}
"""The names of the two kinds of actions, and their modes (ActionSpec.mode)."""

POSITION_SCALE, ROTATION_SCALE, RATE_HZ = 0.02, 0.05, 30.0
"""What a relative action of 1 means (m and rad), and the frames per second."""


def spec(action: str = "rel_actions") -> DemoSpec:
    """Return the conventions of the dataset, with one of its two kinds of actions."""
    relative = ACTION_MODES[action] == "delta"
    return DemoSpec(
        ObservationSpec(
            cameras=tuple(
                CameraSpec(n, size, size, mount="gripper" if n == "rgb_gripper" else "world")
                for n, size in CAMERA_SIDES_PX.items()
            ),
            states=(
                StateSpec("robot_obs", 15, (), "world", "euler_xyz", "open=+1"),
                StateSpec("scene_obs", 24, (), "world", "euler_xyz"),
            ),
        ),
        ActionSpec(
            mode=ACTION_MODES[action],
            size=7,
            frame="world",
            rotation="euler_xyz",
            gripper="open=+1",
            position_scale=POSITION_SCALE if relative else 1.0,
            rotation_scale=ROTATION_SCALE if relative else 1.0,
            rate=RATE_HZ,
        ),
    )
