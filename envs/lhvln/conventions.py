"""What observations and actions of long-horizon navigation mean, and their spaces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from gymnasium import spaces

from longhaul.envs.lhvln.simulator import FORWARD_M, TURN_RAD, VIEW_YAWS
from longhaul.envs.specs import ActionSpec, CameraSpec, EnvSpec, ObservationSpec, StateSpec
from longhaul.errors import require_known

ACTIONS = ("stop", "turn_left", "move_forward", "turn_right")
"""The four actions in LH-VLN's order: an action is its number here."""

STOP_ACTION = ACTIONS.index("stop")

ACTION = ActionSpec(
    mode="discrete",
    size=1,
    frame="robot",
    position_scale=FORWARD_M,
    rotation_scale=TURN_RAD,
    rate=4.0,
)
"""An action is one number. A video shows four actions a second, which is 1 m of way."""

POSE_SPEC = StateSpec("pose", 4, ("x m", "y m (up)", "z m", "yaw rad about y, 0 along -z"), "scene")
STEP_SPEC = StateSpec("step", 1, ("actions taken in the episode",))

MAX_DEPTH_M = 1000.0
"""Bound of the depth in observations: the far plane of the simulators' cameras."""

PICTURES = tuple(f"{kind}_{view}" for kind in ("rgb", "depth") for view in VIEW_YAWS)

OBSERVATIONS = (*PICTURES, POSE_SPEC.name, STEP_SPEC.name)


def conventions(
    observations: Sequence[str], size: int, splits: Sequence[str], training: str
) -> EnvSpec:
    """Return the conventions of an env that shows `observations`, pictures of `size` pixels.

    Raises ConfigError naming the valid values for an unknown one.
    """
    for name in observations:
        require_known("env.observations", name, OBSERVATIONS)
    states = tuple(spec for spec in (POSE_SPEC, STEP_SPEC) if spec.name in observations)
    return EnvSpec(
        observation=ObservationSpec(
            tuple(
                CameraSpec(name, size, size, name.partition("_")[0], mount="robot")
                for name in observations
                if name in PICTURES
            ),
            states,
        ),
        action=ACTION,
        splits=tuple(splits),
        training=training,
        video=tuple(f"rgb_{view}" for view in VIEW_YAWS if f"rgb_{view}" in observations),
    )


def observation_space(observations: Sequence[str], size: int, steps: int) -> spaces.Dict:
    """Return the space of the observations of these names; an episode has at most `steps`."""
    most = np.array([MAX_DEPTH_M, MAX_DEPTH_M, MAX_DEPTH_M, np.pi], np.float32)
    limits: Mapping[str, spaces.Box] = {
        POSE_SPEC.name: spaces.Box(-most, most, dtype=np.float32),
        STEP_SPEC.name: spaces.Box(0, steps, (STEP_SPEC.size,), np.int32),
    }
    return spaces.Dict({name: limits.get(name) or _picture(name, size) for name in observations})


def _picture(name: str, size: int) -> spaces.Box:
    if name.startswith("rgb_"):
        return spaces.Box(0, 255, (size, size, 3), np.uint8)
    return spaces.Box(0.0, MAX_DEPTH_M, (size, size), np.float32)
