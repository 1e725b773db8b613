"""Bounding boxes of rooms, for scenes that say only in which room each thing is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from longhaul.envs.lhvln.simulator import Array, Object

Box = tuple[Array, Array]
"""The least and the greatest corner, (3,) each, in meters."""

LOW_MARGIN_M, HIGH_MARGIN_M = np.array([-0.05, -0.5, -0.05]), np.array([0.05, -0.1, 0.05])
"""These offsets (x, y, z; m) are added to the corners of a room's box before a point of the floor
is tested: the point may lie below the things in the room, and a little beside the box, so that the
middle of a doorway is in both rooms, but not on the room's ceiling."""


def room_boxes(objects: Sequence[Object]) -> dict[int, Box]:
    """Return by room id the box around all things of the room, its floor included."""
    found: dict[int, Box] = {}
    for thing in objects:
        center, half = np.array(thing.center), np.array(thing.size) / 2
        low, high = found.get(thing.room, (center - half, center + half))
        found[thing.room] = np.minimum(low, center - half), np.maximum(high, center + half)
    found.pop(-1, None)
    return found


def is_in(point: Sequence[float] | Array, box: Box) -> bool:
    """Tell whether a point (3,) of the floor is in a room's box."""
    low, high = box
    return bool(np.all(low + LOW_MARGIN_M <= point) and np.all(point <= high + HIGH_MARGIN_M))
