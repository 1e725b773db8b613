"""Which instances a camera may see, as few indirect draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from longhaul.envs.render.geometry import Geometry


@dataclass(frozen=True)
class Batch:
    """Commands `first` to `first + count` share their textures and whether backs are hidden."""

    texture: int
    closed: bool
    first: int
    count: int


class DrawList:
    """All instances of a scene, each in the batch it can be drawn with."""

    def __init__(
        self, geometry: Geometry, meshes: NDArray[np.int64], textures: NDArray[np.int64]
    ) -> None:
        self._commands = geometry.commands[meshes]
        self._commands["instance"] = np.arange(len(meshes))
        states = np.column_stack([textures, geometry.closed[meshes]])
        unique, self._batch_of = np.unique(states, axis=0, return_inverse=True)
        self._states = [(int(texture), bool(closed)) for texture, closed in unique]

    def plan(
        self, masks: Sequence[NDArray[np.bool_]], distances: Sequence[NDArray[np.float64]]
    ) -> tuple[NDArray[np.void], list[list[Batch]]]:
        """Return one command buffer's content and, per mask (N,) of instances, its batches.

        What is near is drawn first (`distances` are one (N,) per mask), as far as batches allow:
        what lies behind is then never shaded.
        """
        parts, plans, first = [], [], 0
        for mask, distance in zip(masks, distances, strict=True):
            chosen = np.flatnonzero(mask)
            batch, away = self._batch_of[chosen], distance[chosen]
            counts = np.bincount(batch, minlength=len(self._states))
            means = np.bincount(batch, away, len(self._states)) / np.maximum(counts, 1)
            parts.append(self._commands[chosen[np.lexsort((away, batch, means[batch]))]])
            batches = []
            for index in np.argsort(means, kind="stable").tolist():
                if counts[index]:
                    texture, closed = self._states[index]
                    count = int(counts[index])
                    batches.append(Batch(texture, closed, first, count))
                    first += count
            plans.append(batches)
        return np.concatenate(parts), plans


def in_frustum(
    camera: NDArray[np.float64], centers: NDArray[np.float64], radii: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Return which bounding spheres (N, 3), (N,) reach into a world-to-clip matrix's frustum."""
    planes = np.concatenate([camera[3] + camera[:3], camera[3] - camera[:3]])
    planes /= np.linalg.norm(planes[:, :3], axis=1, keepdims=True)
    distances = centers @ planes[:, :3].T + planes[:, 3]
    mask: NDArray[np.bool_] = (distances >= -radii[:, None]).all(axis=1)
    return mask
