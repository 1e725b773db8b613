"""What every kind of thing is made of: what touches, what is seen, and how heavy it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from longhaul.envs.bullet.body import Body
from longhaul.envs.bullet.solids import Color, Solid, box, cylinder, mesh, sphere
from longhaul.envs.bullet.world import World
from longhaul.envs.lohoravens.meshes import (
    BOWL_BOTTOM,
    BOWL_FLOOR,
    BOWL_WALL,
    RING_HOLE,
    write_bowl,
    write_ring,
)
from longhaul.envs.lohoravens.things import Pose, Thing, Vector
from longhaul.envs.lohoravens.vocabulary import COLORS

MASS = 0.01
"""Every thing weighs what CLIPort's blocks do (kg), whatever its size."""

FRICTION = 1.0
"""Of things: CLIPort's block URDF."""

ROLLING = 2e-4
"""Rolling and spinning friction of what would roll for ever (m)."""

SLEEP = 1e-4
"""Things this slow (squared m/s and rad/s) sleep: half of a rollout's time is saved."""

BOARD = 0.004
"""Thickness of a container's floor and walls (m)."""

PEG_RADIUS, STAND_BASE = 0.0075, 0.012
"""Of a stand's pegs, and the thickness of its base (m)."""

WALLS = 12
"""Boxes that stand for the wall of a bowl in contact."""

RING_SQUARE = 0.88
"""Edge of the square that stands for a ring in contact, as a part of its diameter."""


@dataclass(frozen=True)
class Make:
    """`contact` gives a kind's contact solids, `looks` what is seen (None: the same)."""

    contact: Callable[[Thing], list[Solid]]
    looks: Callable[[Thing, Path], list[Solid]] | None = None
    rolling: bool = False


def add_thing(world: World, thing: Thing, pose: Pose, folder: Path) -> Body:
    """Put a thing into the world; `folder` takes mesh files where the world has visuals.

    Raises ValueError naming the valid values for an unknown kind or color.
    """
    make, rgba = _make(thing), _rgba(thing)
    contact = make.contact(thing)
    looks: list[Solid] = []
    if world.visuals:
        looks = contact if make.looks is None else make.looks(thing, folder)
    body = world.add(
        contact,
        [solid.painted(rgba) for solid in looks],
        0.0 if thing.fixed or not contact else MASS,
        pose.position,
        pose.quaternion,
        FRICTION,
    )
    if make.rolling:
        body.resist_rolling(ROLLING)
    if not thing.fixed and contact:
        body.may_sleep(SLEEP)
    return body


def pegs(stand: Thing) -> tuple[Vector, ...]:
    """Return where the middle of each of a stand's three pegs is, in its own frame (m)."""
    spacing = stand.size[0] / 3
    return tuple((spacing * side, 0.0, STAND_BASE / 2) for side in (-1.0, 0.0, 1.0))


def _make(thing: Thing) -> Make:
    if thing.kind not in KINDS:
        valid = ", ".join(KINDS)
        raise ValueError(f"{thing.name}: kind {thing.kind!r} is unknown; valid: {valid}")
    return KINDS[thing.kind]


def _rgba(thing: Thing) -> Color:
    if thing.color not in COLORS:
        valid = ", ".join(COLORS)
        raise ValueError(f"{thing.name}: color {thing.color!r} is unknown; valid: {valid}")
    red, green, blue = (value / 255 for value in COLORS[thing.color])
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
    """Return a floor, and a wall of boxes that lean outwards; thicker than it looks."""
    x, y, z = thing.size
    floor, wall = BOWL_FLOOR / 2, 1.6 * BOWL_WALL / 2
    height = z * (1 - BOWL_BOTTOM)
    slope = np.arctan2((0.5 - floor) * (x + y) / 2, height)
    middle = (floor + 0.5) / 2 - wall / 2
    width = 2 * 0.5 * max(x, y) * np.tan(np.pi / WALLS)
    solids = [
        box((1.6 * floor * x, 1.6 * floor * y, BOWL_BOTTOM * z), (0, 0, (BOWL_BOTTOM - 1) * z / 2))
    ]
    for angle in 2 * np.pi * np.arange(WALLS) / WALLS:
        center = (middle * x * np.cos(angle), middle * y * np.sin(angle), BOWL_BOTTOM * z / 2)
        size = (wall * (x + y) / 2, width, height / np.cos(slope))
        solids.append(box(size, center, angle, slope))
    return solids


def _bowl_looks(thing: Thing, folder: Path) -> list[Solid]:
    file = folder / "bowl.obj"
    if not file.exists():
        write_bowl(file)
    return [mesh(file, thing.size)]


def _ring(thing: Thing) -> list[Solid]:
    """Return four boxes around a square hole: rounder ones would meet in a hundred pairs."""
    outer, height = RING_SQUARE * thing.size[0] / 2, thing.size[2]
    wide = outer - RING_HOLE
    away = (outer + RING_HOLE) / 2
    long = [box((wide, 2 * outer, height), (side * away, 0.0, 0.0)) for side in (-1, 1)]
    short = [box((2 * RING_HOLE, wide, height), (0.0, side * away, 0.0)) for side in (-1, 1)]
    return [*long, *short]


def _ring_looks(thing: Thing, folder: Path) -> list[Solid]:
    radius, height = thing.size[0] / 2, thing.size[2]
    file = folder / f"ring_{1e4 * radius:.0f}_{1e4 * height:.0f}.obj"
    if not file.exists():
        write_ring(file, radius, height)
    return [mesh(file, (1.0, 1.0, 1.0))]


def _stand(thing: Thing) -> list[Solid]:
    x, y, z = thing.size
    base = box((x, y, STAND_BASE), (0.0, 0.0, (STAND_BASE - z) / 2))
    return [base, *(cylinder(PEG_RADIUS, z - STAND_BASE, center) for center in pegs(thing))]


def _container(thing: Thing) -> list[Solid]:
    x, y, z = thing.size
    floor = box((x, y, BOARD), (0.0, 0.0, (BOARD - z) / 2))
    sides = [box((BOARD, y, z), (side * (x - BOARD) / 2, 0.0, 0.0)) for side in (-1, 1)]
    ends = [box((x - 2 * BOARD, BOARD, z), (0.0, side * (y - BOARD) / 2, 0.0)) for side in (-1, 1)]
    return [floor, *sides, *ends]


KINDS = {
    "block": Make(_block),
    "pellet": Make(_block),
    "cylinder": Make(_cylinder, rolling=True),
    "bead": Make(_bead, rolling=True),
    "bowl": Make(_bowl, _bowl_looks),
    "zone": Make(_nothing, _zone_looks),
    "box": Make(_container),
    "stand": Make(_stand),
    "ring": Make(_ring, _ring_looks),
}
"""Every kind of thing that a layout may have."""
