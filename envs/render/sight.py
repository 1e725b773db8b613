"""Which instances a camera may see."""

from __future__ import annotations

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

    `order` (M,) holds the instances whose bounding spheres reach into its frustum, as they are
    drawn; `inside` (M,) says whether their bounding boxes do too.
    """

    order: NDArray[np.int64]
    inside: NDArray[np.bool_]

    def drawn(self, wanted: NDArray[np.bool_] | None = None) -> NDArray[np.int64]:
        """Return the instances that are drawn, in their order; `wanted` leaves others out, of all
        that the scene has."""
        return self.order[self.inside if wanted is None else self.inside & wanted[self.order]]


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
    planes = frustums(cameras)
    masks = in_frustum(planes, centers, radii)
    if shown is not None:
        masks &= shown
    found: list[Sight] = []
    for camera, sides, mask in zip(cameras, planes, masks, strict=True):
        order = draws.order(mask, centers @ camera[3, :3] + camera[3, 3] + radii)
        boxes = geometry.boxes[meshes[order]]
        found.append(Sight(order, boxes_in_frustum(sides, poses[order], boxes)))
    return found


def frustums(cameras: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the six planes (V, 6, 4) of world-to-clip matrices' (V, 4, 4) frustums, positive
    inside."""
    rows, last = cameras[:, :3], cameras[:, 3:]
    return np.concatenate([last + rows, last - rows], axis=1)


def in_frustum(
    planes: NDArray[np.float64], centers: NDArray[np.float64], radii: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Return which bounding spheres (N, 3), (N,) reach into frustums (V, 6, 4), as (V, N)."""
    planes = planes / np.linalg.norm(planes[..., :3], axis=-1, keepdims=True)
    distances = planes[..., :3] @ centers.T + planes[..., 3:]
    mask: NDArray[np.bool_] = np.all(distances >= -radii, axis=1)
    return mask


def boxes_in_frustum(
    planes: NDArray[np.float64], poses: NDArray[np.float64], boxes: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Return which boxes (N, 2, 3) reach into a frustum (6, 4).

    The boxes lie along the axes of frames whose poses (N, 4, 4) are given; each is its center and
    its half size in its frame.
    """
    sides = planes @ poses
    turns = sides[..., :3]
    farthest = turns @ boxes[:, 0, :, None] + np.abs(turns) @ boxes[:, 1, :, None]
    mask: NDArray[np.bool_] = np.all(farthest[..., 0] + sides[..., 3] >= -SLACK, axis=1)
    return mask
