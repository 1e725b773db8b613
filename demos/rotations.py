"""Converts rotations between the conventions that datasets use."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from longhaul.demos.source import DatasetError
from longhaul.envs.specs import QUATERNION

ROTATION_SIZES = {QUATERNION: 4, "axis_angle": 3, "euler_xyz": 3}
"""The conventions of rotations, and their numbers of components: a unit quaternion (x, y, z, w), an
axis whose length is the angle (rad), and angles about the fixed axes x, y and z (rad)."""


def converted(values: NDArray[np.float64], given: str, wanted: str) -> NDArray[np.float64]:
    """Return rotations (frames, n) of the convention `given` in the convention `wanted`, both of
    ROTATION_SIZES. A quaternion's last component that is not 0 is positive then. Raises
    DatasetError for numbers that are no rotation, such as a quaternion of zeros."""
    try:
        if given == "euler_xyz":
            found = Rotation.from_euler("xyz", values)
        elif given == "axis_angle":
            found = Rotation.from_rotvec(values)
        else:
            found = Rotation.from_quat(values)
    except ValueError as error:
        raise DatasetError(f"no rotations of {given} ({error})") from None
    if wanted == "euler_xyz":
        return np.asarray(found.as_euler("xyz"))
    vectors = found.as_rotvec() if wanted == "axis_angle" else found.as_quat(canonical=True)
    return np.asarray(vectors)
