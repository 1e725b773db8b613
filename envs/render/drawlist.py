"""The order in which instances are drawn, in few indirect draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

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

    def order(self, mask: NDArray[np.bool_], distances: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the instances of a mask (N,) as they are drawn: batch by batch.

        What is near is drawn first (`distances` (N,)), as far as batches allow: what lies behind is
        then never shaded.
        """
        chosen = np.flatnonzero(mask)
        batch, away = self._batch_of[chosen], distances[chosen]
        count = len(self._states)
        means = np.bincount(batch, away, count) / np.maximum(np.bincount(batch, None, count), 1)
        return chosen[np.lexsort((away, batch, means[batch]))]

    def plan(
        self, orders: Sequence[NDArray[np.int64]]
    ) -> tuple[NDArray[np.void], list[list[Batch]]]:
        """Return one command buffer's content and, per order of instances, its batches."""
        plans, first = [], 0
        for order in orders:
            numbers = self._batch_of[order]
            starts = [0, *(np.flatnonzero(np.diff(numbers)) + 1).tolist(), len(numbers)]
            batches = []
            for start, end in pairwise(starts):
                if end > start:
                    texture, closed = self._states[numbers[start]]
                    batches.append(Batch(texture, closed, first + start, end - start))
            plans.append(batches)
            first += len(order)
        return self._commands[np.concatenate(orders)], plans
