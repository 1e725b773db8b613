"""Names and conventions of CALVIN's dataset, as mees/calvin's dataset/README.md gives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from longhaul.demos.source import DemoSpec
from longhaul.envs.specs import ActionSpec, CameraSpec, ObservationSpec, StateSpec

FRAME_FILE = "episode_{:07d}.npz"
"""The file of the frame with a number."""

RANGES_FILE = "ep_start_end_ids.npy"
"""The file of the first and last frames of the recorded episodes."""

ANNOTATIONS_FILE = "auto_lang_ann.npy"
"""The file of the sentences."""

SCENES_FILE = "scene_info.npy"
"""The file of each scene's first and last frames."""

SCENE_NAMES = tuple("ABCD")
"""The names of the scenes."""

CAMERA_SIDES_PX = {"rgb_static": 200, "rgb_gripper": 84}
"""The names of the cameras, and the sides (pixels) of their pictures."""

STATE_SIZES = {"robot_obs": 15, "scene_obs": 24}
"""The names of the states, and their numbers of components."""

STATE_SPECS = (
    StateSpec("robot_obs", STATE_SIZES["robot_obs"], (), "world", "euler_xyz", "open=+1"),
    StateSpec("scene_obs", STATE_SIZES["scene_obs"], (), "world", "euler_xyz"),
)
"""The conventions of the states."""

ACTION_SIZE = 7
"""The number of components of an action."""

ACTION_MODES = {"rel_actions": "delta", "actions": "absolute"}
"""The names of the two kinds of actions, and their modes (ActionSpec.mode)."""

POSITION_SCALE, ROTATION_SCALE, RATE_HZ = 0.02, 0.05, 30.0
"""What a relative action of 1 means (m and rad), and the frames per second."""


def spec(
    action: str = "rel_actions",
    sizes: Mapping[str, tuple[int, int]] | None = None,
    states: Sequence[str] = tuple(STATE_SIZES),
) -> DemoSpec:
    """Return the conventions of the dataset, with one of its two kinds of actions.

    `sizes` are the heights and widths (pixels) of the cameras, CALVIN's if not given.
    """
    relative = ACTION_MODES[action] == "delta"
    sides = sizes or {name: (side, side) for name, side in CAMERA_SIDES_PX.items()}
    return DemoSpec(
        ObservationSpec(
            cameras=tuple(
                CameraSpec(n, *size, mount="gripper" if n == "rgb_gripper" else "world")
                for n, size in sides.items()
            ),
            states=tuple(spec for spec in STATE_SPECS if spec.name in states),
        ),
        ActionSpec(
            mode=ACTION_MODES[action],
            size=ACTION_SIZE,
            frame="world",
            rotation="euler_xyz",
            gripper="open=+1",
            position_scale=POSITION_SCALE if relative else 1.0,
            rotation_scale=ROTATION_SCALE if relative else 1.0,
            rate=RATE_HZ,
        ),
    )


def scene_key(scene: str) -> str:
    """Return what scene_info.npy calls a scene."""
    return f"calvin_scene_{scene}"
