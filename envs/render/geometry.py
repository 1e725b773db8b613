"""Meshes in GPU memory, all in one pair of buffers."""

from __future__ import annotations

import moderngl
import numpy as np
from numpy.typing import NDArray

from longhaul.envs.render.mesh import Mesh

VERTEX = np.dtype(
    [("position", "f4", 3), ("normal", "f4", 3), ("uv", "f4", 2), ("vertex_color", "u1", 4)]
)
VERTEX_FORMAT = "3f 3f 2f 4f1"
VERTEX_NAMES = ("position", "normal", "uv", "vertex_color")

COMMAND = np.dtype(
    [("count", "u4"), ("instances", "u4"), ("first", "u4"), ("base", "i4"), ("instance", "u4")]
)
"""OpenGL's DrawElementsIndirectCommand."""


class Geometry:
    """Every mesh added so far. `commands` (M,) draws each of them once.

    `boxes` (M, 2, 3) holds center and half size of their bounding boxes, `centers` and `radii`
    their bounding spheres.
    """

    def __init__(self, context: moderngl.Context) -> None:
        self._context = context
        self._vertices: list[NDArray[np.void]] = []
        self._faces: list[NDArray[np.int32]] = []
        self._uploaded = 0
        self.vertices: moderngl.Buffer | None = None
        self.indices: moderngl.Buffer | None = None
        self.commands = np.zeros(0, COMMAND)
        self.centers = np.zeros((0, 3))
        self.radii = np.zeros(0)
        self.boxes = np.zeros((0, 2, 3))
        self.closed = np.zeros(0, bool)
        self.flat = np.zeros(0, bool)

    def add(self, mesh: Mesh) -> int:
        """Take a mesh and return its number; it reaches the GPU with the next `upload`."""
        vertices = np.zeros(len(mesh.positions), VERTEX)
        vertices["position"], vertices["normal"] = mesh.positions, mesh.normals
        vertices["vertex_color"] = 255
        if mesh.uvs is not None:
            vertices["uv"] = mesh.uvs
        if mesh.colors is not None:
            vertices["vertex_color"][:, :3] = mesh.colors
        command = np.zeros(1, COMMAND)
        command["count"] = mesh.faces.size
        command["instances"] = 1
        command["first"] = sum(faces.size for faces in self._faces)
        command["base"] = sum(len(other) for other in self._vertices)
        self._vertices.append(vertices)
        self._faces.append(mesh.faces)
        self.commands = np.append(self.commands, command)
        center, radius = mesh.bounding_sphere()
        self.centers = np.vstack([self.centers, center])
        self.radii = np.append(self.radii, radius)
        box = np.array([[center, np.ptp(mesh.positions, axis=0) / 2]])
        self.boxes = np.concatenate([self.boxes, box])
        self.closed = np.append(self.closed, mesh.is_closed())
        self.flat = np.append(self.flat, np.ptp(mesh.positions, axis=0).min() < 1e-6)
        return len(self.commands) - 1

    def spheres(
        self, meshes: NDArray[np.int64], poses: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return bounding spheres, centers (N, 3) and radii (N,), of meshes at poses (N, 4, 4)."""
        turns = poses[:, :3, :3]
        centers = np.einsum("nij,nj->ni", turns, self.centers[meshes]) + poses[:, :3, 3]
        return centers, self.radii[meshes] * np.linalg.norm(turns[:, :, 0], axis=1)

    def upload(self) -> None:
        """Bring meshes added since the last call to the GPU."""
        if self._uploaded == len(self._vertices):
            return
        self.release()
        self.vertices = self._context.buffer(np.concatenate(self._vertices).tobytes())
        self.indices = self._context.buffer(np.concatenate(self._faces).astype("u4").tobytes())
        self._uploaded = len(self._vertices)

    def release(self) -> None:
        """Free the GPU's memory."""
        for buffer in (self.vertices, self.indices):
            if buffer is not None:
                buffer.release()
        self.vertices = self.indices = None
