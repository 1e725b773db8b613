"""Cameras and the pictures they give: what every renderer takes and returns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

BACKGROUND_ID = -1


@dataclass(frozen=True, eq=False)
class View:
    """A pinhole camera in the world.

    `fov` is the vertical field of view in degrees, `near` and `far` are meters. `pose` is the
    4x4 camera-to-world transform in OpenGL's convention: the camera looks along its -z, y is up,
    x to the right.
    """

    name: str
    width: int
    height: int
    fov: float
    near: float
    far: float
    pose: NDArray[np.float64]

    def view_matrix(self) -> NDArray[np.float64]:
        """Return the 4x4 world-to-camera transform (the inverse of `pose`, which is rigid)."""
        rotation, position = self.pose[:3, :3], self.pose[:3, 3]
        matrix = np.eye(4)
        matrix[:3, :3] = rotation.T
        matrix[:3, 3] = -rotation.T @ position
        return matrix

    def projection_matrix(self) -> NDArray[np.float64]:
        """Return the 4x4 OpenGL projection, as Bullet's computeProjectionMatrixFOV."""
        return _projection(self.width, self.height, self.fov, self.near, self.far).copy()


@lru_cache(maxsize=64)
def _projection(
    width: int, height: int, fov: float, near: float, far: float
) -> NDArray[np.float64]:
    scale = 1.0 / np.tan(np.radians(fov) / 2.0)
    depth = near - far
    matrix = np.zeros((4, 4))
    matrix[0, 0] = scale * height / width
    matrix[1, 1] = scale
    matrix[2, 2] = (near + far) / depth
    matrix[2, 3] = 2.0 * near * far / depth
    matrix[3, 2] = -1.0
    return matrix


def look_at(eye: ArrayLike, target: ArrayLike, up: ArrayLike) -> NDArray[np.float64]:
    """Return the 4x4 pose of a camera at `eye` that looks at `target` (world frame, meters).

    Raises ValueError if `up` is parallel to the direction of view.
    """
    position = np.asarray(eye, float)
    back = position - np.asarray(target, float)
    right = np.cross(np.asarray(up, float), back)
    if np.linalg.norm(right) < 1e-9:
        raise ValueError(f"look_at: up {up!r} is parallel to the direction of view {-back!r}")
    right /= np.linalg.norm(right)
    back /= np.linalg.norm(back)
    pose = np.eye(4)
    pose[:3] = np.column_stack([right, np.cross(back, right), back, position])
    return pose


def column_major(matrix: NDArray[np.float64]) -> list[float]:
    """Return a 4x4 matrix as the 16 numbers that Bullet and OpenGL take."""
    return [*matrix.T.ravel().tolist()]


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture, row 0 at the top.

    `rgb` is (H, W, 3) uint8. `depth` is (H, W) float32: meters along the optical axis (not along
    the ray); the background has the view's `far`. `ids` is (H, W) int32; the background is -1.
    `depth` and `ids` are None where they were not asked for.
    """

    rgb: NDArray[np.uint8]
    depth: NDArray[np.float32] | None = None
    ids: NDArray[np.int32] | None = None
