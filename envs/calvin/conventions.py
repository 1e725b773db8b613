"""What CALVIN's observations and actions mean, and their spaces.

Vectors are float32, as the dataset's README has them; pictures are uint8, depth float32 meters.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from gymnasium import spaces

from longhaul.envs.calvin import panda, play
from longhaul.envs.calvin.cameras import CAMERA_NAMES, FAR_PLANE_M, IMAGE_SIDE_PX
from longhaul.envs.calvin.episodes import SPLITS
from longhaul.envs.specs import ActionSpec, CameraSpec, EnvSpec, ObservationSpec, StateSpec
from longhaul.errors import ConfigError, require_known, unknown

ACTION_MODES = {"rel": "delta", "abs": "absolute"}

ROBOT_OBS = StateSpec(
    "robot_obs",
    15,
    layout=(
        "tcp xyz (m)",
        "tcp euler xyz (rad)",
        "gripper width (m)",
        "arm joints 1-7 (rad)",
        "last gripper command",
    ),
    frame="world",
    rotation="euler_xyz",
    gripper="open=+1",
)

SCENE_OBS = StateSpec(
    "scene_obs",
    24,
    layout=(
        "slide, drawer, button, switch (m)",
        "lightbulb, led (0/1)",
        "three blocks in the scene's own order: xyz (m), euler xyz (rad)",
    ),
    frame="world",
    rotation="euler_xyz",
)
"""Privileged: the simulator's state, which the benchmark does not show to a policy."""

STATES = {spec.name: spec for spec in (ROBOT_OBS, SCENE_OBS)}

PICTURES = {
    f"{kind}_{camera}": CameraSpec(
        f"{kind}_{camera}",
        IMAGE_SIDE_PX[camera],
        IMAGE_SIDE_PX[camera],
        kind,
        "gripper" if camera == "gripper" else "world",
    )
    for camera in CAMERA_NAMES
    for kind in ("rgb", "depth")
}

OBSERVATIONS = (*PICTURES, *STATES)

POSITION_BOUND_M = 2.0
"""Bound on the coordinates of absolute actions and of the TCP (m): far outside the arm's reach."""

BLOCK_BOUND_M = 100.0
"""Bound on a block's coordinates (m): farther than one that is hit flies in an episode."""

BOUNDS = {
    ROBOT_OBS.name: (
        [*[-POSITION_BOUND_M] * 3, *[-np.pi] * 3, -0.1, *[-2 * np.pi] * 7, -1.0],
        [*[POSITION_BOUND_M] * 3, *[np.pi] * 3, 0.2, *[2 * np.pi] * 7, 1.0],
    ),
    SCENE_OBS.name: (
        [*[-1.0] * 4, *[0.0] * 2, *([-BLOCK_BOUND_M] * 3 + [-np.pi] * 3) * 3],
        [*[1.0] * 4, *[1.0] * 2, *([BLOCK_BOUND_M] * 3 + [np.pi] * 3) * 3],
    ),
}
"""Least and greatest values of the vectors, with room beyond what the joints' limits allow: Bullet
lets a joint go past its limit for a moment."""


def conventions(observations: Sequence[str], action: str) -> EnvSpec:
    """Return the conventions of an env that shows `observations` and takes rel or abs actions.

    Raises ConfigError naming the valid values for an unknown one.
    """
    for name in observations:
        if name not in OBSERVATIONS:
            raise ConfigError(unknown(f"env.observations: {name}", OBSERVATIONS))
    require_known("env.action", action, ACTION_MODES)
    relative = action == "rel"
    return EnvSpec(
        observation=ObservationSpec(
            cameras=tuple(PICTURES[name] for name in observations if name in PICTURES),
            states=tuple(STATES[name] for name in observations if name in STATES),
        ),
        action=ActionSpec(
            mode=ACTION_MODES[action],
            size=7,
            frame="world",
            rotation="euler_xyz",
            gripper="open=+1",
            position_scale=panda.POSITION_SCALE if relative else 1.0,
            rotation_scale=panda.ROTATION_SCALE if relative else 1.0,
            rate=30.0,
        ),
        splits=(*SPLITS, play.PLAY_SPLIT),
        training=play.PLAY_SPLIT,
        clears_history=True,
        video=tuple(name for name in observations if name.startswith("rgb_")),
    )


def observation_space(observations: Sequence[str]) -> spaces.Dict:
    """Return the space of the observations of these names."""
    return spaces.Dict({name: _space(name) for name in observations})


def action_space(action: str) -> spaces.Box:
    """Return the space of actions (7,): position, euler xyz, gripper.

    The gripper goes by the sign: it opens from 0 on, and closes below.
    """
    high = np.ones(7, np.float32)
    if action == "abs":
        high[:3], high[3:6] = POSITION_BOUND_M, 2 * np.pi
    return spaces.Box(-high, high, dtype=np.float32)


def _space(name: str) -> spaces.Box:
    if name in STATES:
        low, high = (np.array(bound, np.float32) for bound in BOUNDS[name])
        return spaces.Box(low, high, dtype=np.float32)
    kind, camera = name.split("_")
    side = IMAGE_SIDE_PX[camera]
    if kind == "rgb":
        return spaces.Box(0, 255, (side, side, 3), np.uint8)
    return spaces.Box(0.0, FAR_PLANE_M[camera], (side, side), np.float32)
