"""What observations and actions of the tabletop mean, and their spaces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from longhaul.envs.lohoravens.fusion import MAP_COLUMNS, MAP_ROWS
from longhaul.envs.lohoravens.motion import Tip
from longhaul.envs.lohoravens.things import WORKSPACE_BOUNDS_M, Pose, Quaternion, Vector
from longhaul.envs.lohoravens.views import (
    CAMERA_NAMES,
    FAR_PLANE_M,
    IMAGE_HEIGHT_PX,
    IMAGE_WIDTH_PX,
)
from longhaul.envs.specs import TRANSPOSED, ActionSpec, CameraSpec, EnvSpec, ObservationSpec
from longhaul.errors import ConfigError, unknown

MAP_SPECS = {
    name: CameraSpec(name, MAP_ROWS, MAP_COLUMNS, kind, orientation=TRANSPOSED)
    for name, kind in (("rgb_map", "rgb"), ("height_map", "height"))
}
"""The maps of the table from above (longhaul.envs.lohoravens.fusion). Rows run along +y and columns
along +x. The front camera's picture has x downward and y to the right: the maps are transposed."""

PICTURE_SPECS = {
    f"{kind}_{camera}": CameraSpec(f"{kind}_{camera}", IMAGE_HEIGHT_PX, IMAGE_WIDTH_PX, kind)
    for camera in CAMERA_NAMES
    for kind in ("rgb", "depth")
}
"""The cameras' own pictures."""

OBSERVATIONS = {**MAP_SPECS, **PICTURE_SPECS}

POSE_KEYS = ("pose0", "pose1")

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
vertical, and the held thing turns about the vertical by the difference of the rotations. Contact
determines the heights. With the spatula: push from pose0 to pose1. A video shows one per second."""

ACTION_TOLERANCE = 1e-6
"""How far beyond its bounds a component of an action may be, for the rounding of float32."""

MIN_QUATERNION_NORM = 1e-3
"""Norm below which a quaternion does not define a rotation; it then counts as UNTURNED."""

UNTURNED: Quaternion = (0.0, 0.0, 0.0, 1.0)
"""The quaternion (xyzw) of no rotation."""


def conventions(observations: Sequence[str], splits: Sequence[str], training: str) -> EnvSpec:
    """Return the conventions of an env that shows `observations`.

    Raises ConfigError naming the valid values for an unknown one.
    """
    for name in observations:
        if name not in OBSERVATIONS:
            raise ConfigError(unknown(f"env.observations: {name}", OBSERVATIONS))
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
    return spaces.Dict({name: spaces.Box(low, high, dtype=np.float32) for name in POSE_KEYS})


def action_of(start: Pose, end: Pose) -> dict[str, NDArray[np.float32]]:
    """Return the action that picks at one pose and places at another.

    Positions beyond the workspace are clipped to its border.
    """
    poses = (np.array([*pose.position, *pose.quaternion], np.float32) for pose in (start, end))
    return {name: np.clip(pose, *_bounds()) for name, pose in zip(POSE_KEYS, poses, strict=True)}


def tips_of(action: Mapping[str, NDArray[np.float32]]) -> tuple[Tip, Tip]:
    """Return where the tip picks and places. The rotation is split into halves: the tip's yaw is
    minus one half at the pick and plus one half at the place.

    Raises ValueError naming key and value for an action that is not in the space.
    """
    if not isinstance(action, Mapping) or action.keys() != set(POSE_KEYS):
        raise ValueError(f"an action has the keys {', '.join(POSE_KEYS)}, not {action!r}")
    (start, before), (end, after) = (_valid(name, action[name]) for name in POSE_KEYS)
    turn = _turn(before, after)
    return Tip(*start, -turn / 2), Tip(*end, turn / 2)


def _turn(start: Quaternion, end: Quaternion) -> float:
    """Return the rotation about the vertical from one orientation to another (rad)."""
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
    if not (
        (pose >= low - ACTION_TOLERANCE) & (pose <= high + ACTION_TOLERANCE)
    ).all():  # NaN compares false
        raise ValueError(
            f"action {name}={pose.tolist()} is not finite or beyond "
            f"{low.tolist()} to {high.tolist()}"
        )
    x, y, z = np.clip(pose[:3], low[:3], high[:3]).tolist()
    length = float(np.linalg.norm(pose[3:]))
    if length < MIN_QUATERNION_NORM:
        return (x, y, z), UNTURNED
    qx, qy, qz, qw = (pose[3:] / length).tolist()
    return (x, y, z), (qx, qy, qz, qw)


def _bounds() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the least and the greatest pose (7,) of an action."""
    low, high = zip(*WORKSPACE_BOUNDS_M, strict=True)
    ones = np.ones(4)
    return np.array([*low, *-ones], np.float32), np.array([*high, *ones], np.float32)


def _space(spec: CameraSpec) -> spaces.Box:
    shape = (spec.height, spec.width)
    if spec.kind == "rgb":
        return spaces.Box(0, 255, (*shape, 3), np.uint8)
    top = WORKSPACE_BOUNDS_M[2][1] if spec.kind == "height" else FAR_PLANE_M
    return spaces.Box(0.0, top, shape, np.float32)
