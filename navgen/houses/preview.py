"""Draws a house as an architect's model: every story from above, without ceilings and facades."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from longhaul.envs.render.view import View, look_at
from longhaul.navgen.houses.draw import draw
from longhaul.navgen.houses.house import House
from longhaul.navgen.houses.instances import Instance, instances

FOV_DEG = 16.0
"""The vertical field of view, in degrees; it is narrow, so that walls hide little."""

CAMERA_TILT_RAD = 0.18
"""The angle (radians) by which the camera is tilted from straight down, toward greater z."""


def draw_house(house: House, size: int = 480) -> NDArray[np.uint8]:
    """Return a picture (size, stories * size, 3) with the ground floor on the left.

    Raises what `draw` and `instances` raise.
    """
    found, pictures = instances(house)
    stories = sorted({room.story for room in house.rooms})
    return np.hstack([_story(house, found, pictures, story, size) for story in stories])


def _story(
    house: House,
    found: Sequence[Instance],
    pictures: dict[str, NDArray[np.uint8]],
    story: int,
    size: int,
) -> NDArray[np.uint8]:
    rooms = {room.id: room for room in house.rooms if room.story == story}
    floor = min(room.floor for room in rooms.values())
    shown = [
        replace(piece.mesh, texture=pictures[piece.picture])
        for piece in (item.piece for item in found)
        if piece.category != "ceiling" and piece.room in rooms
    ]
    corners = np.array([point for room in rooms.values() for point in room.polygon])
    low, high = corners.min(axis=0), corners.max(axis=0)
    x, z = ((low + high) / 2).tolist()
    reach = float((high - low).max()) / 2 * 1.12 + 0.5
    away = reach / np.tan(np.radians(FOV_DEG / 2))
    eye = (x, floor + away * np.cos(CAMERA_TILT_RAD), z + away * np.sin(CAMERA_TILT_RAD))
    pose = look_at(eye, (x, floor, z), (0.0, 0.0, -1.0))
    return draw(shown, [View(house.name, size, size, FOV_DEG, 0.5 * away, 2.0 * away, pose)])[0]
