"""Names and conventions of CALVIN's dataset, as mees/calvin's dataset/README.md gives them."""

from __future__ import annotations

from longhaul.demos.source import DemoSpec
from longhaul.envs.specs import ActionSpec, CameraSpec, ObservationSpec, StateSpec

FRAME = "episode_{:07d}.npz"
RANGES = "ep_start_end_ids.npy"
ANNOTATIONS = "auto_lang_ann.npy"
CAMERAS = {"rgb_static": 200, "rgb_gripper": 84}
STATES = {"robot_obs": 15, "scene_obs": 24}
ACTIONS = {"rel_actions": "delta", "actions": "absolute"}
POSITION_SCALE, ROTATION_SCALE, RATE = 0.02, 0.05, 30.0
"""A relative action of 1 is 2 cm or 0.05 rad; frames are 1/30 s apart."""


def spec(action: str = "rel_actions") -> DemoSpec:
    """Return the conventions of the dataset, with one of its two kinds of action."""
    relative = ACTIONS[action] == "delta"
    return DemoSpec(
        ObservationSpec(
            cameras=tuple(
                CameraSpec(n, size, size, mount="gripper" if n == "rgb_gripper" else "world")
                for n, size in CAMERAS.items()
            ),
            states=(
                StateSpec("robot_obs", 15, (), "world", "euler_xyz", "open=+1"),
                StateSpec("scene_obs", 24, (), "world", "euler_xyz"),
            ),
        ),
        ActionSpec(
            mode=ACTIONS[action],
            size=7,
            frame="world",
            rotation="euler_xyz",
            gripper="open=+1",
            position_scale=POSITION_SCALE if relative else 1.0,
            rotation_scale=ROTATION_SCALE if relative else 1.0,
            rate=RATE,
        ),
    )
