"""The three cameras about the table: cliport/tasks/cameras.py."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from longhaul.envs.render.view import View

IMAGE_WIDTH_PX, IMAGE_HEIGHT_PX, FOCAL_LENGTH_PX = 640, 480, 450.0
"""Size of the pictures and focal length; the principal point is the picture's middle."""

NEAR_PLANE_M, FAR_PLANE_M = 0.01, 10.0
"""Near and far clipping plane."""

CAMERA_POSES = {
    "front": ((1.0, 0.0, 0.75), (45.0, 180.0, -90.0)),
    "left": ((0.0, 0.5, 0.75), (40.0, 180.0, 45.0)),
    "right": ((0.0, -0.5, 0.75), (40.0, 180.0, 135.0)),
}
"""Position (m, world) and Euler angles xyz (degrees) of a frame that looks along its z, y down."""

CAMERA_NAMES = tuple(CAMERA_POSES)


def camera_pose(name: str) -> NDArray[np.float64]:
    """Return the pose (4, 4) in the world of a camera that looks along its z, y down, x right."""
    position, degrees = CAMERA_POSES[name]
    x, y, z = (_turn(axis, np.radians(angle)) for axis, angle in enumerate(degrees))
    pose = np.eye(4)
    pose[:3, :3] = z @ y @ x
    pose[:3, 3] = position
    return pose


def view(name: str) -> View:
    """Return a camera as envs/render defines it: it looks along its -z, y up."""
    fov = float(np.degrees(2 * np.arctan(IMAGE_HEIGHT_PX / 2 / FOCAL_LENGTH_PX)))
    pose = camera_pose(name) @ np.diag([1.0, -1.0, -1.0, 1.0])
    return View(name, IMAGE_WIDTH_PX, IMAGE_HEIGHT_PX, fov, NEAR_PLANE_M, FAR_PLANE_M, pose)


def back_projection(name: str) -> NDArray[np.float64]:
    """Return the ray of every pixel (480, 640, 3) in the world frame, scaled to 1 m of depth.

    A pixel's point in the world is the camera's position plus its depth (m) times its ray.
    """
    columns = (np.arange(IMAGE_WIDTH_PX) + 0.5 - IMAGE_WIDTH_PX / 2) / FOCAL_LENGTH_PX
    rows = (np.arange(IMAGE_HEIGHT_PX) + 0.5 - IMAGE_HEIGHT_PX / 2) / FOCAL_LENGTH_PX
    across, down = np.meshgrid(columns, rows)
    local = np.stack([across, down, np.ones_like(across)], axis=-1)
    return np.asarray(local @ camera_pose(name)[:3, :3].T)


def project(name: str, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return column, row (pixels) and depth (m) of points (N, 3) in the world, as (N, 3)."""
    pose = camera_pose(name)
    local = (points - pose[:3, 3]) @ pose[:3, :3]
    pixels = FOCAL_LENGTH_PX * local[:, :2] / local[:, 2:] + (
        IMAGE_WIDTH_PX / 2,
        IMAGE_HEIGHT_PX / 2,
    )
    return np.column_stack([pixels, local[:, 2]])


def _turn(axis: int, angle: float) -> NDArray[np.float64]:
    matrix = np.eye(3)
    one, other = (axis + 1) % 3, (axis + 2) % 3
    matrix[[one, other], [one, other]] = np.cos(angle)
    matrix[other, one], matrix[one, other] = np.sin(angle), -np.sin(angle)
    return matrix
