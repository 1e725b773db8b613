"""The three cameras about the table: cliport/tasks/cameras.py."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from longhaul.envs.render.view import View

WIDTH, HEIGHT, FOCAL = 640, 480, 450.0
"""Pixels; the principal point is the picture's middle."""

NEAR, FAR = 0.01, 10.0
"""Of what is drawn (m)."""

POSES = {
    "front": ((1.0, 0.0, 0.75), (45.0, 180.0, -90.0)),
    "left": ((0.0, 0.5, 0.75), (40.0, 180.0, 45.0)),
    "right": ((0.0, -0.5, 0.75), (40.0, 180.0, 135.0)),
}
"""Position (m, world) and Euler angles xyz (degrees) of a frame that looks along its z, y down."""

CAMERAS = tuple(POSES)


def camera_pose(name: str) -> NDArray[np.float64]:
    """Return the pose (4, 4) in the world of a camera that looks along its z, y down, x right."""
    position, degrees = POSES[name]
    x, y, z = (_turn(axis, np.radians(angle)) for axis, angle in enumerate(degrees))
    pose = np.eye(4)
    pose[:3, :3] = z @ y @ x
    pose[:3, 3] = position
    return pose


def view(name: str) -> View:
    """Return a camera as a renderer wants it."""
    fov = float(np.degrees(2 * np.arctan(HEIGHT / 2 / FOCAL)))
    pose = camera_pose(name) @ np.diag([1.0, -1.0, -1.0, 1.0])
    return View(name, WIDTH, HEIGHT, fov, NEAR, FAR, pose)


def rays(name: str) -> NDArray[np.float64]:
    """Return per pixel (480, 640, 3) what one meter of depth moves a point in the world."""
    columns = (np.arange(WIDTH) + 0.5 - WIDTH / 2) / FOCAL
    rows = (np.arange(HEIGHT) + 0.5 - HEIGHT / 2) / FOCAL
    across, down = np.meshgrid(columns, rows)
    local = np.stack([across, down, np.ones_like(across)], axis=-1)
    return np.asarray(local @ camera_pose(name)[:3, :3].T)


def project(name: str, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return column, row (pixels) and depth (m) of points (N, 3) in the world, as (N, 3)."""
    pose = camera_pose(name)
    local = (points - pose[:3, 3]) @ pose[:3, :3]
    pixels = FOCAL * local[:, :2] / local[:, 2:] + (WIDTH / 2, HEIGHT / 2)
    return np.column_stack([pixels, local[:, 2]])


def _turn(axis: int, angle: float) -> NDArray[np.float64]:
    matrix = np.eye(3)
    one, other = (axis + 1) % 3, (axis + 2) % 3
    matrix[[one, other], [one, other]] = np.cos(angle)
    matrix[other, one], matrix[one, other] = np.sin(angle), -np.sin(angle)
    return matrix
