"""The description of a house, from which its meshes are built: rooms, openings, stairs, objects.

Lengths are in meters; the frame is right-handed with y up. A yaw is in radians about +y; at yaw 0 a
model's front looks along +z.
"""

from __future__ import annotations

from dataclasses import dataclass

from longhaul.navgen.houses.model import Furniture, Model

Point = tuple[float, float]
"""A point (x, z)."""


@dataclass(frozen=True)
class Room:
    """A room: `kind` is its type (such as bedroom), `floor` and `ceiling` are heights (m).

    `polygon` is the outline along the walls' center lines, counter-clockwise seen from above.
    """

    id: int
    kind: str
    story: int
    polygon: tuple[Point, ...]
    floor: float
    ceiling: float


@dataclass(frozen=True)
class Opening:
    """A door or a window: a hole in a wall that runs along the x or the z axis.

    `const` is the wall's coordinate on the other axis, `center` the hole's along the wall; `sill`
    is the height of the hole's lower edge above the room's floor (0: a door); `rooms` are the
    ids of the rooms on both sides (None: outside).
    """

    along: str
    const: float
    center: float
    width: float
    height: float
    sill: float
    story: int
    rooms: tuple[int, int | None]


@dataclass(frozen=True)
class Stairs:
    """A straight flight from `foot` (x, y, z; the middle of the lowest edge) up along `yaw`.

    `rise` and `run` are the height and the depth (m) of one step; the last step is level with the
    upper floor. `rooms` are the ids of the lower and the upper room.
    """

    foot: tuple[float, float, float]
    yaw: float
    width: float
    rise: float
    run: float
    steps: int
    rooms: tuple[int, int]


@dataclass(frozen=True)
class Placed:
    """A thing in a room: `position` is that of the model's origin; `on` is the index of the thing
    that carries it (None: the floor, a wall or the ceiling does)."""

    furniture: Furniture
    model: Model
    room: int
    position: tuple[float, float, float]
    yaw: float
    on: int | None = None


@dataclass(frozen=True)
class House:
    """A whole house; thicknesses are in meters."""

    name: str
    seed: int
    rooms: tuple[Room, ...]
    doors: tuple[Opening, ...]
    windows: tuple[Opening, ...]
    stairs: tuple[Stairs, ...]
    objects: tuple[Placed, ...]
    wall_thickness: float = 0.1
    floor_thickness: float = 0.2
