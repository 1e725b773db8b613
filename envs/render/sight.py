"""Which instances a camera may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from longhaul.envs.render.drawlist import DrawList
from longhaul.envs.render.geometry import Geometry

SLACK = 1e-4
"""How far outside a frustum a box still counts as inside, in clip coordinates: the GPU rounds."""



@dataclass(frozen=True, eq=False)
class Sight:
    """What one camera may see.

    `order` holds the instances whose bounding spheres reach into its frustum, as they are drawn;
    `inside` (N,) says of all instances whether their bounding boxes do.
    """

    order: NDArray[np.int64]
    inside: NDArray[np.bool_]

    def drawn(self, wanted: NDArray[np.bool_] | None = None) -> NDArray[np.int64]:
        """Return the instances that are drawn, in their order; `wanted` (N,) leaves others out."""
        mask = self.inside if wanted is None else self.inside & wanted
        return self.order[mask[self.order]]


def sights(
    draws: DrawList,
    geometry: Geometry,
    meshes: NDArray[np.int64],
    cameras: NDArray[np.float64],
    poses: NDArray[np.float64],
    shown: NDArray[np.bool_] | None,
) -> list[Sight]:
    """Return what each world-to-clip matrix (V, 4, 4) may see of meshes at poses (N, 4, 4).

    Both kinds of bounds count: spheres decide the order, in which an instance that is left out
    would change the place of others, and with it what is seen where two are equally near.
    """
    if not len(meshes):
        return [Sight(np.zeros(0, int), np.zeros(0, bool)) for _ in cameras]
    centers, radii = geometry.spheres(meshes, poses)
    masks = in_frustum(cameras, centers, radii)
    if shown is not None:
        masks &= shown
    inside = boxes_in_frustum(cameras, poses, geometry.centers[meshes], geometry.halves[meshes])
    found: list[Sight] = []
    for camera, mask, reached in zip(cameras, masks, inside, strict=True):
        away = centers @ camera[3, :3] + camera[3, 3] + radii
        found.append(Sight(draws.order(mask, away), reached))
    return found


def in_frustum(
    cameras: NDArray[np.float64], centers: NDArray[np.float64], radii: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Return which bounding spheres (N, 3), (N,) reach into the frustums of world-to-clip matrices
    (V, 4, 4), as (V, N)."""
    planes = frustums(cameras)
    planes /= np.linalg.norm(planes[..., :3], axis=-1, keepdims=True)
    distances = planes[..., :3] @ centers.T + planes[..., 3:]
    mask: NDArray[np.bool_] = (distances >= -radii).all(axis=1)
    return mask


def boxes_in_frustum(
    cameras: NDArray[np.float64],
    poses: NDArray[np.float64],
    centers: NDArray[np.float64],
    halves: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Return which boxes reach into the frustums of world-to-clip matrices (V, 4, 4), as (V, N).

    The boxes lie along the axes of frames whose poses (N, 4, 4) are given, with centers and half
    sizes (N, 3) in them.
    """
    planes = frustums(cameras)[:, None] @ poses
    middle = planes[..., :3] @ centers[:, :, None]
    reach = np.abs(planes[..., :3]) @ halves[:, :, None]
    mask: NDArray[np.bool_] = (middle[..., 0] + reach[..., 0] >= -planes[..., 3] - SLACK).all(-1)
    return mask


def frustums(cameras: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the six planes (V, 6, 4) of world-to-clip matrices' frustums, positive inside."""
    rows, last = cameras[:, :3], cameras[:, 3:]
    return np.concatenate([last + rows, last - rows], axis=1)
