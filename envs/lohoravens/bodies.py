"""The contact shape, looks and mass of every kind of thing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from longhaul.envs.bullet.body import Body
from longhaul.envs.bullet.solids import Color, Solid, box, cylinder, mesh, sphere
from longhaul.envs.bullet.world import World
from longhaul.envs.lohoravens.meshes import (
    BOWL_BOTTOM_RATIO,
    BOWL_FLOOR_RATIO,
    BOWL_WALL_RATIO,
    RING_HOLE_RADIUS_M,
    write_bowl,
    write_ring,
)
from longhaul.envs.lohoravens.things import Pose, Thing, Vector
from longhaul.envs.lohoravens.vocabulary import COLOR_RGB
from longhaul.errors import unknown

THING_MASS_KG = 0.01
"""Mass of every thing, whatever its size: that of CLIPort's blocks."""

THING_FRICTION = 1.0
"""Lateral friction of every thing: that of CLIPort's block URDF."""

ROLLING_FRICTION_M = 2e-4
"""Rolling and spinning friction of round things, which would roll on forever without it."""

SLEEP_THRESHOLD = 1e-4
"""Squared speed (m/s and rad/s) below which Bullet skips a thing's physics: this saves half of a
rollout's time."""

BOX_WALL_M = 0.004
"""Thickness of a box's floor and walls."""

PEG_RADIUS_M, STAND_BASE_M = 0.0075, 0.012
"""Radius of a stand's pegs, and thickness of its base."""

BOWL_WALL_BOXES = 12
"""Number of boxes that make the contact shape of a bowl's wall."""

RING_SQUARE_RATIO = 0.88
"""Edge of the square that is a ring's contact shape, over the ring's diameter."""


@dataclass(frozen=True)
class KindSpec:
    """How a kind of thing is built: `contact` returns its contact solids and `looks` its visual
    ones (None: the same). A kind with `rolling` gets rolling friction."""

    contact: Callable[[Thing], list[Solid]]
    looks: Callable[[Thing, Path], list[Solid]] | None = None
    rolling: bool = False


def add_thing(world: World, thing: Thing, pose: Pose, folder: Path) -> Body:
    """Put a thing into the world; mesh files are written to `folder` if the world has visuals.

    Raises ValueError naming the valid values for an unknown kind or color.
    """
    make, rgba = _kind_spec(thing), _rgba(thing)
    contact = make.contact(thing)
    looks: list[Solid] = []
    if world.visuals:
        looks = contact if make.looks is None else make.looks(thing, folder)
    body = world.add(
        contact,
        [solid.painted(rgba) for solid in looks],
        0.0 if thing.fixed or not contact else THING_MASS_KG,
        pose.position,
        pose.quaternion,
        THING_FRICTION,
    )
    if make.rolling:
        body.resist_rolling(ROLLING_FRICTION_M)
    if not thing.fixed and contact:
        body.may_sleep(SLEEP_THRESHOLD)
    return body


def pegs(stand: Thing) -> tuple[Vector, ...]:
    """Return where the middle of each of a stand's three pegs is, in its own frame (m)."""
    spacing = stand.size[0] / 3
    return tuple((spacing * side, 0.0, STAND_BASE_M / 2) for side in (-1.0, 0.0, 1.0))


def _kind_spec(thing: Thing) -> KindSpec:
    if thing.kind not in THING_KINDS:
        raise ValueError(unknown(f"{thing.name}: kind {thing.kind!r}", THING_KINDS))
    return THING_KINDS[thing.kind]


def _rgba(thing: Thing) -> Color:
    if thing.color not in COLOR_RGB:
        raise ValueError(unknown(f"{thing.name}: color {thing.color!r}", COLOR_RGB))
    red, green, blue = (value / 255 for value in COLOR_RGB[thing.color])
    return red, green, blue, 1.0


def _block(thing: Thing) -> list[Solid]:
    return [box(thing.size)]


def _cylinder(thing: Thing) -> list[Solid]:
    return [cylinder(thing.size[0] / 2, thing.size[2])]


def _bead(thing: Thing) -> list[Solid]:
    return [sphere(thing.size[0] / 2)]


def _nothing(thing: Thing) -> list[Solid]:
    return []


def _zone_looks(thing: Thing, folder: Path) -> list[Solid]:
    return [box(thing.size)]


def _bowl(thing: Thing) -> list[Solid]:
    """Return a floor, and a wall of boxes that lean outwards, thicker than the visual mesh."""
    x, y, z = thing.size
    floor, wall = BOWL_FLOOR_RATIO / 2, 1.6 * BOWL_WALL_RATIO / 2
    height = z * (1 - BOWL_BOTTOM_RATIO)
    slope = np.arctan2((0.5 - floor) * (x + y) / 2, height)
    middle = (floor + 0.5) / 2 - wall / 2
    width = 2 * 0.5 * max(x, y) * np.tan(np.pi / BOWL_WALL_BOXES)
    solids = [
        box(
            (1.6 * floor * x, 1.6 * floor * y, BOWL_BOTTOM_RATIO * z),
            (0, 0, (BOWL_BOTTOM_RATIO - 1) * z / 2),
        )
    ]
    for angle in 2 * np.pi * np.arange(BOWL_WALL_BOXES) / BOWL_WALL_BOXES:
        center = (middle * x * np.cos(angle), middle * y * np.sin(angle), BOWL_BOTTOM_RATIO * z / 2)
        size = (wall * (x + y) / 2, width, height / np.cos(slope))
        solids.append(box(size, center, angle, slope))
    return solids


def _bowl_looks(thing: Thing, folder: Path) -> list[Solid]:
    file = folder / "bowl.obj"
    if not file.exists():
        write_bowl(file)
    return [mesh(file, thing.size)]


def _ring(thing: Thing) -> list[Solid]:
    """Return four boxes around a square hole: more boxes would make many contact pairs of rings."""
    outer, height = RING_SQUARE_RATIO * thing.size[0] / 2, thing.size[2]
    wide = outer - RING_HOLE_RADIUS_M
    away = (outer + RING_HOLE_RADIUS_M) / 2
    long = [box((wide, 2 * outer, height), (side * away, 0.0, 0.0)) for side in (-1, 1)]
    short = [
        box((2 * RING_HOLE_RADIUS_M, wide, height), (0.0, side * away, 0.0)) for side in (-1, 1)
    ]
    return [*long, *short]


def _ring_looks(thing: Thing, folder: Path) -> list[Solid]:
    radius, height = thing.size[0] / 2, thing.size[2]
    file = folder / f"ring_{1e4 * radius:.0f}_{1e4 * height:.0f}.obj"
    if not file.exists():
        write_ring(file, radius, height)
    return [mesh(file, (1.0, 1.0, 1.0))]


def _stand(thing: Thing) -> list[Solid]:
    x, y, z = thing.size
    base = box((x, y, STAND_BASE_M), (0.0, 0.0, (STAND_BASE_M - z) / 2))
    return [base, *(cylinder(PEG_RADIUS_M, z - STAND_BASE_M, center) for center in pegs(thing))]


def _container(thing: Thing) -> list[Solid]:
    x, y, z = thing.size
    floor = box((x, y, BOX_WALL_M), (0.0, 0.0, (BOX_WALL_M - z) / 2))
    sides = [box((BOX_WALL_M, y, z), (side * (x - BOX_WALL_M) / 2, 0.0, 0.0)) for side in (-1, 1)]
    ends = [
        box((x - 2 * BOX_WALL_M, BOX_WALL_M, z), (0.0, side * (y - BOX_WALL_M) / 2, 0.0))
        for side in (-1, 1)
    ]
    return [floor, *sides, *ends]


THING_KINDS = {
    "block": KindSpec(_block),
    "pellet": KindSpec(_block),
    "cylinder": KindSpec(_cylinder, rolling=True),
    "bead": KindSpec(_bead, rolling=True),
    "bowl": KindSpec(_bowl, _bowl_looks),
    "zone": KindSpec(_nothing, _zone_looks),
    "box": KindSpec(_container),
    "stand": KindSpec(_stand),
    "ring": KindSpec(_ring, _ring_looks),
}
"""Every kind of thing that a layout may have."""
