"""What a house is before it becomes meshes: rooms, openings, stairs, and what stands where.

Meters, right-handed, y up; a yaw is radians about +y, and at yaw 0 a model's front looks along +z.
"""

from __future__ import annotations

from dataclasses import dataclass

from longhaul.navgen.houses.model import Furniture, Model

Point = tuple[float, float]
"""x, z."""


@dataclass(frozen=True)
class Room:
    """A room: `kind` is its type (bedroom), `polygon` its outline to the walls' center lines,
    counter-clockwise seen from above, `floor` and `ceiling` the heights of both."""

    id: int
    kind: str
    story: int
    polygon: tuple[Point, ...]
    floor: float
    ceiling: float


@dataclass(frozen=True)
class Opening:
    """A hole in a wall that runs along the x or the z axis at a coordinate of the other one.

    `center` lies along the wall; `sill` is the height above the room's floor where the hole
    begins (0: a door), `rooms` are the ids on both sides (None: outside).
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
    """A straight flight: from `foot` (x, y, z, middle of the lowest edge) up along `yaw`.

    `rise` and `run` are those of one step; the last one is level with the upper floor. `rooms` are
    the lower and the upper one.
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
    """A thing in a room: `position` is where the model's origin stands; `on` is the index of the
    thing that carries it (None: floor, wall or ceiling)."""

    furniture: Furniture
    model: Model
    room: int
    position: tuple[float, float, float]
    yaw: float
    on: int | None = None


@dataclass(frozen=True)
class House:
    """A whole house."""

    name: str
    seed: int
    rooms: tuple[Room, ...]
    doors: tuple[Opening, ...]
    windows: tuple[Opening, ...]
    stairs: tuple[Stairs, ...]
    objects: tuple[Placed, ...]
    wall_thickness: float = 0.1
    floor_thickness: float = 0.2
