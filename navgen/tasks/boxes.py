"""Where rooms are, for a scene that only says in which room a thing is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from longhaul.envs.lhvln.simulator import Array, Object

Box = tuple[Array, Array]
"""The least and the greatest corner, (3,) each."""

LOW, HIGH = np.array([-0.05, -0.5, -0.05]), np.array([0.05, -0.1, 0.05])
"""How far beside its box a point of the floor is still in a room (m): below what stands in it, and
a little to the sides, so that a doorway's middle is in both rooms; but not on its ceiling."""


def room_boxes(objects: Sequence[Object]) -> dict[int, Box]:
    """Return for every room the box around all that is in it, its floor included."""
    found: dict[int, Box] = {}
    for thing in objects:
        center, half = np.array(thing.center), np.array(thing.size) / 2
        low, high = found.get(thing.room, (center - half, center + half))
        found[thing.room] = np.minimum(low, center - half), np.maximum(high, center + half)
    found.pop(-1, None)
    return found


def is_in(point: Sequence[float] | Array, box: Box) -> bool:
    """Say whether a point of the floor is in a room's box."""
    low, high = box
    return bool(np.all(low + LOW <= point) and np.all(point <= high + HIGH))
