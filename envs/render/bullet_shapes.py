"""What a Bullet world looks like: its visual shapes, and where they are now."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from longhaul.envs.quiet import import_quietly
from longhaul.envs.render.bullet_primitives import capsule, cylinder, sphere
from longhaul.envs.render.mesh import Mesh, box, load_mesh, plane

pybullet = import_quietly("pybullet")

BASE = -1

FIRST_PRODUCTS = np.array([5, 1, 2, 1, 0, 6, 2, 6, 0])
SECOND_PRODUCTS = np.array([10, 11, 7, 11, 10, 3, 7, 3, 5])
SIGNS = np.array([1.0, -1.0, 1.0, 1.0, 1.0, -1.0, -1.0, 1.0, 1.0])
"""Which products of a quaternion's components, 4 i + j for the ith times the jth of xyzw, are added
in each entry of its rotation matrix, row by row; SIGNS are those of the second."""
DIAGONAL = slice(0, 9, 4)
"""The entries that are 1 less twice their sum; the others are twice their sum."""


@dataclass(frozen=True)
class VisualShape:
    """One entry of getVisualShapeData; `frame` is the shape's pose (xyz, xyzw) in its link."""

    body: int
    link: int
    geometry: int
    dimensions: tuple[float, ...]
    file: str
    frame: tuple[float, ...]
    rgba: tuple[float, ...]

    @property
    def id(self) -> int:
        """Return Bullet's ER_SEGMENTATION_MASK_OBJECT_AND_LINKINDEX value."""
        return self.body + ((self.link + 1) << 24)

    @property
    def mesh_key(self) -> tuple[object, ...]:
        """Return what is equal for shapes that can share one mesh."""
        return self.geometry, self.dimensions, self.file

    def mesh(self, files: dict[str, Mesh]) -> Mesh:
        """Return the shape's triangles in its own frame; `files` remembers what was read.

        Raises ValueError for shapes that no file describes.
        """
        size = self.dimensions
        if self.geometry == pybullet.GEOM_BOX:
            return box(size)
        if self.geometry == pybullet.GEOM_SPHERE:
            return sphere(size[0])
        if self.geometry == pybullet.GEOM_CYLINDER:
            return cylinder(length=size[0], radius=size[1])
        if self.geometry == pybullet.GEOM_CAPSULE:
            return capsule(length=size[0], radius=size[1])
        if self.geometry == pybullet.GEOM_PLANE:
            return plane((0.0, 0.0, 1.0))
        if self.geometry != pybullet.GEOM_MESH or not Path(self.file).is_file():
            raise ValueError(
                f"body {self.body}, link {self.link}: renderer gl draws primitives and mesh files, "
                f"not shape type {self.geometry} with file {self.file!r}"
            )
        if self.file not in files:
            files[self.file] = load_mesh(Path(self.file))
        return files[self.file].scaled(size)


def visual_shapes(client: int) -> list[VisualShape]:
    """Return the visual shapes of all bodies."""
    shapes = []
    for index in range(pybullet.getNumBodies(physicsClientId=client)):
        body = pybullet.getBodyUniqueId(index, physicsClientId=client)
        for data in pybullet.getVisualShapeData(body, physicsClientId=client):
            _, link, geometry, dimensions, file, position, orientation, rgba = data[:8]
            frame = (*position, *orientation)
            shapes.append(VisualShape(body, link, geometry, dimensions, file.decode(), frame, rgba))
    return shapes


class PoseReader:
    """Reads the world poses of visual shapes: two PyBullet calls per body at most."""

    def __init__(self, client: int, shapes: list[VisualShape]) -> None:
        self._client = client
        keys = sorted({(shape.body, shape.link) for shape in shapes})
        rows = {key: row for row, key in enumerate(keys)}
        self._row = np.array([rows[shape.body, shape.link] for shape in shapes], int)
        links: dict[int, list[int]] = {}
        for body, link in keys:
            links.setdefault(body, []).append(link)
        self._links = [
            (body, BASE in members, [link for link in members if link != BASE])
            for body, members in links.items()
        ]
        local = transforms([shape.frame for shape in shapes])
        for index, shape in enumerate(shapes):
            if shape.link == BASE:
                local[index] = self._base_to_inertial(shape.body) @ local[index]
        self._local = local

    def _base_to_inertial(self, body: int) -> NDArray[np.float64]:
        """Return the base frame in its inertial frame, whose pose is what PyBullet tells."""
        info = pybullet.getDynamicsInfo(body, BASE, physicsClientId=self._client)
        inverse: NDArray[np.float64] = np.linalg.inv(transforms([(*info[3], *info[4])])[0])
        return inverse

    def read(self) -> NDArray[np.float64]:
        """Return the shapes' poses in the world, (N, 4, 4)."""
        poses: list[tuple[float, ...]] = []
        for body, has_base, links in self._links:
            if has_base:
                position, orientation = pybullet.getBasePositionAndOrientation(
                    body, physicsClientId=self._client
                )
                poses.append(position + orientation)
            if links:
                states = pybullet.getLinkStates(body, links, physicsClientId=self._client)
                poses.extend(state[4] + state[5] for state in states)
        world: NDArray[np.float64] = transforms(poses)[self._row] @ self._local
        return world


def transforms(poses: ArrayLike) -> NDArray[np.float64]:
    """Return poses (N, 7), position and unit quaternion xyzw, as matrices (N, 4, 4)."""
    poses = np.reshape(np.asarray(poses, float), (-1, 7))
    count = len(poses)
    turns = poses[:, 3:]
    products = (turns[:, :, None] * turns[:, None, :]).reshape(count, 16)
    twice = 2 * (products[:, FIRST_PRODUCTS] + SIGNS * products[:, SECOND_PRODUCTS])
    twice[:, DIAGONAL] = 1 - twice[:, DIAGONAL]
    matrices = np.zeros((count, 4, 4))
    matrices[:, :3, :3] = twice.reshape(count, 3, 3)
    matrices[:, :3, 3] = poses[:, :3]
    matrices[:, 3, 3] = 1.0
    return matrices
