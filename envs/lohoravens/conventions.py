"""What observations and actions of the tabletop mean, and their spaces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from longhaul.envs.lohoravens.fusion import COLUMNS, ROWS
from longhaul.envs.lohoravens.motion import Tip
from longhaul.envs.lohoravens.things import BOUNDS, Pose, Quaternion, Vector
from longhaul.envs.lohoravens.views import CAMERAS, FAR, HEIGHT, WIDTH
from longhaul.envs.specs import TRANSPOSED, ActionSpec, CameraSpec, EnvSpec, ObservationSpec
from longhaul.errors import ConfigError

MAPS = {
    name: CameraSpec(name, ROWS, COLUMNS, kind, orientation=TRANSPOSED)
    for name, kind in (("rgb_map", "rgb"), ("height_map", "height"))
}
"""The table from above (longhaul.envs.lohoravens.fusion): rows along +y, columns along +x, which is
the transpose of what the front camera's top and left would have it."""

PICTURES = {
    f"{kind}_{camera}": CameraSpec(f"{kind}_{camera}", HEIGHT, WIDTH, kind)
    for camera in CAMERAS
    for kind in ("rgb", "depth")
}
"""What the cameras themselves see."""

OBSERVATIONS = {**MAPS, **PICTURES}

POSES = ("pose0", "pose1")

ACTION = ActionSpec(
    mode="pick_place",
    size=14,
    frame="world",
    rotation="quaternion_xyzw",
    position_scale=1.0,
    rotation_scale=1.0,
    rate=1.0,
)
"""Pick at pose0 and place at pose1, each (7,): xyz (m) and quaternion xyzw. The tool stays
vertical, and what is held turns about the vertical by the difference of the rotations; the
heights are felt. With the spatula: push from pose0 to pose1. A video shows an action a second."""

TOLERANCE = 1e-6
"""How far beyond its bounds a component may be: rounding of float32."""

SHORT = 1e-3
"""A quaternion shorter than this says no direction."""


def conventions(observations: Sequence[str], splits: Sequence[str], training: str) -> EnvSpec:
    """Return the conventions of an env that shows `observations`.

    Raises ConfigError naming the valid values for an unknown one.
    """
    for name in observations:
        if name not in OBSERVATIONS:
            valid = ", ".join(OBSERVATIONS)
            raise ConfigError(f"env.observations: {name} is unknown; valid: {valid}")
    return EnvSpec(
        observation=ObservationSpec(tuple(OBSERVATIONS[name] for name in observations)),
        action=ACTION,
        splits=tuple(splits),
        training=training,
        video=tuple(name for name in observations if name.startswith("rgb_")),
    )


def observation_space(observations: Sequence[str]) -> spaces.Dict:
    """Return the space of the observations of these names."""
    return spaces.Dict({name: _space(OBSERVATIONS[name]) for name in observations})


def action_space() -> spaces.Dict:
    """Return the space of actions: positions in the workspace, quaternions of any length."""
    low, high = _bounds()
    return spaces.Dict({name: spaces.Box(low, high, dtype=np.float32) for name in POSES})


def action_of(start: Pose, end: Pose) -> dict[str, NDArray[np.float32]]:
    """Return the action that picks at one pose and places at another.

    Positions beyond the workspace are brought to its border.
    """
    poses = (np.array([*pose.position, *pose.quaternion], np.float32) for pose in (start, end))
    return {name: np.clip(pose, *_bounds()) for name, pose in zip(POSES, poses, strict=True)}


def tips_of(action: Mapping[str, NDArray[np.float32]]) -> tuple[Tip, Tip]:
    """Return where the tip picks and places; it turns half of the way to either side.

    Raises ValueError naming key and value for an action that is not in the space.
    """
    if not isinstance(action, Mapping) or action.keys() != set(POSES):
        raise ValueError(f"an action has the keys {', '.join(POSES)}, not {action!r}")
    (start, before), (end, after) = (_valid(name, action[name]) for name in POSES)
    turn = _turn(before, after)
    return Tip(*start, -turn / 2), Tip(*end, turn / 2)


def _turn(start: Quaternion, end: Quaternion) -> float:
    """Return by how much the vertical part of a rotation turns one orientation to another (rad)."""
    (ax, ay, az, aw), (bx, by, bz, bw) = start, end
    upright = bw * aw + bx * ax + by * ay + bz * az
    turned = bz * aw - bw * az + by * ax - bx * ay
    return float((2 * np.arctan2(turned, upright) + np.pi) % (2 * np.pi) - np.pi)


def _valid(name: str, values: NDArray[np.float32]) -> tuple[Vector, Quaternion]:
    """Return position and unit quaternion of one pose of an action."""
    pose = np.asarray(values, np.float64)
    if pose.shape != (7,):
        raise ValueError(f"action {name}={pose.tolist()} must have 7 components")
    low, high = _bounds()
    if not ((pose >= low - TOLERANCE) & (pose <= high + TOLERANCE)).all():  # NaN compares false
        raise ValueError(
            f"action {name}={pose.tolist()} is not finite or beyond "
            f"{low.tolist()} to {high.tolist()}"
        )
    length = float(np.linalg.norm(pose[3:]))
    if length < SHORT:
        raise ValueError(f"action {name}={pose.tolist()}: the quaternion says no direction")
    x, y, z = np.clip(pose[:3], low[:3], high[:3]).tolist()
    qx, qy, qz, qw = (pose[3:] / length).tolist()
    return (x, y, z), (qx, qy, qz, qw)


def _bounds() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the least and the greatest pose (7,) of an action."""
    low, high = zip(*BOUNDS, strict=True)
    ones = np.ones(4)
    return np.array([*low, *-ones], np.float32), np.array([*high, *ones], np.float32)


def _space(spec: CameraSpec) -> spaces.Box:
    shape = (spec.height, spec.width)
    if spec.kind == "rgb":
        return spaces.Box(0, 255, (*shape, 3), np.uint8)
    top = BOUNDS[2][1] if spec.kind == "height" else FAR
    return spaces.Box(0.0, top, shape, np.float32)
