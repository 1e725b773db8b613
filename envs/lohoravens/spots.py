"""Where exactly a thing is placed so that a required atom holds, or what is in the way there."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import numpy as np

from longhaul.envs.lohoravens.geometry import (
    BESIDE_DISTANCE_M,
    DIRECTIONS,
    Points,
    half_extents,
    in_area,
    is_beside,
)
from longhaul.envs.lohoravens.goals import Atom
from longhaul.envs.lohoravens.placement import FreeSpace
from longhaul.envs.lohoravens.relations import Scene

OPEN_ROOM_M, CLOSE_ROOM_M = 0.02, 0.008
"""Room around a thing that is put on the open table, and around one in a zone or box."""

BOX_WALL_ROOM_M = 0.006
"""Thickness of a box's wall, with some room."""

FINE_STEP_M = 0.005
"""Distance between the points that are tried in zones and boxes."""

MAX_OFF_CENTER_M = 0.03
"""How far a tower may stand from its zone's center; things nearer to the center are moved away."""

AREA_MARGIN_M = 0.02
"""How far inside the borders of areas things are put."""


class Spot(NamedTuple):
    """Where a thing is placed: its center (x, y), the height of the surface it will stand on (m),
    and its yaw there (rad; None keeps the present one)."""

    x: float
    y: float
    z: float = 0.0
    yaw: float | None = None


class Blocked(NamedTuple):
    """A thing that must be moved away first."""

    name: str


def spot_for(
    atom: Atom,
    mover: str,
    target: str,
    scene: Scene,
    generator: np.random.Generator,
    settled: Collection[str] = (),
) -> Spot | Blocked | None:
    """Return where to place a mover for an atom; None if there is no room.

    For `stack` the target is the thing it is placed on. Things in `settled` are where they should
    be and are never moved away.
    """
    if atom.relation == "across":
        return _onto(mover, atom.targets, scene, settled)
    if atom.relation in ("on", "stack") and scene.things[target].kind != "zone":
        return _onto(mover, (target,), scene, settled)
    if atom.relation == "in" and scene.things[target].kind == "bowl":
        return _into_bowl(mover, target, scene, settled)
    if atom.relation in ("in", "zone", "stack"):
        return _within(mover, target, scene, settled, central=atom.relation == "stack")
    return _open_spot(atom, mover, target, scene, generator)


def aside(name: str, avoid: Collection[Atom], scene: Scene, generator: np.random.Generator) -> Spot:
    """Return a free spot on the table for a thing that is in the way, outside the atoms' places."""
    space = _space_without(name, scene)
    free = ~np.logical_or.reduce(
        [_claims(atom, space.points, scene) for atom in avoid], axis=0, initial=False
    )
    half = _reach(name, scene) + OPEN_ROOM_M
    points = space.room(half, free)
    if not len(points):
        points = space.room(half - OPEN_ROOM_M)
    if not len(points):
        points = space.points
    x, y = points[generator.integers(len(points))]
    return Spot(float(x), float(y))


def _onto(
    mover: str, targets: tuple[str, ...], scene: Scene, settled: Collection[str]
) -> Spot | Blocked:
    for target in targets:
        for name in scene.resting_on(target):
            if name not in (mover, *settled):
                return Blocked(name)
    x, y = np.mean([scene.xy(target) for target in targets], axis=0)
    height = max(scene.top(target) for target in targets)
    return Spot(float(x), float(y), height, scene.yaw(targets[0]))


def _into_bowl(mover: str, bowl: str, scene: Scene, settled: Collection[str]) -> Spot | Blocked:
    for name in scene.things:
        if name not in (mover, *settled) and scene.inside(name, bowl):
            return Blocked(name)
    return Spot(*scene.xy(bowl))


def _within(
    mover: str, target: str, scene: Scene, settled: Collection[str], central: bool
) -> Spot | Blocked:
    """Return a spot in a zone, as near to its middle as possible, or in a box, as near to a corner
    as possible, which leaves most room. A `central` spot must be near the zone's middle.

    If only settled things are in the way, it is the spot with most room.
    """
    thing, yaw = scene.things[target], scene.yaw(target)
    boxed = thing.kind == "box"
    extents = np.array(thing.size[:2]) - (2 * BOX_WALL_ROOM_M if boxed else 0.0)
    space = FreeSpace(scene.xy(target), extents, yaw, FINE_STEP_M)
    others = [
        name
        for name, other in scene.things.items()
        if name not in (mover, target) and other.kind != "zone"
    ]
    space.take_all(((scene.things[name], scene.poses[name]) for name in others), CLOSE_ROOM_M)
    points = space.room(max(scene.things[mover].size[:2]) / 2)
    away = np.linalg.norm(points - scene.xy(target), axis=-1)
    if not len(points) or (central and away.min() > MAX_OFF_CENTER_M):
        foreign = [name for name in others if name not in settled and _near(name, target, scene)]
        if foreign:
            return Blocked(foreign[0])
    if not len(points):
        return Spot(*space.roomiest(), yaw=yaw)
    x, y = points[away.argmax() if boxed else away.argmin()].tolist()
    return Spot(x, y, yaw=yaw)


def _near(name: str, target: str, scene: Scene) -> bool:
    """Say whether two things may overlap, seen from above."""
    reach = sum(np.hypot(*scene.things[each].size[:2]) / 2 for each in (name, target))
    return bool(np.hypot(*np.subtract(scene.xy(name), scene.xy(target))) < reach)


def _open_spot(
    atom: Atom, mover: str, target: str, scene: Scene, generator: np.random.Generator
) -> Spot | Blocked | None:
    """Return a random spot in an area, or one beside a thing, as near as possible to the usual one.

    A thing that has no room beside it is itself in the way.
    """
    space = _space_without(mover, scene)
    half = _reach(mover, scene)
    if atom.relation == "area":
        wanted = in_area(
            space.points, target, AREA_MARGIN_M / 2 if target == "center" else AREA_MARGIN_M
        )
    else:
        way = np.array(DIRECTIONS[atom.relation])
        wanted = is_beside(space.points, atom.relation, scene.xy(target) + AREA_MARGIN_M * way)
    roomy = (space.room(half + gap, wanted) for gap in (OPEN_ROOM_M, 0.0))
    points = next((found for found in roomy if len(found)), None)
    if points is None:
        return None if atom.relation == "area" else Blocked(target)
    if atom.relation == "area":
        index = int(generator.integers(len(points)))
    else:
        aim = scene.xy(target) + BESIDE_DISTANCE_M * way
        index = int(np.linalg.norm(points - aim, axis=-1).argmin())
    return Spot(*points[index].tolist())


def _space_without(name: str, scene: Scene) -> FreeSpace:
    space = FreeSpace()
    taken = [other for other in scene.things if other != name]
    space.take_all((scene.things[other], scene.poses[other]) for other in taken)
    return space


def _reach(name: str, scene: Scene) -> float:
    half = half_extents(scene.things[name].size, scene.poses[name].quaternion)
    return float(half[:2].max())


def _claims(atom: Atom, points: Points, scene: Scene) -> np.ndarray:
    """Say at which points a thing could fulfill an atom about an area or about being beside."""
    found = np.zeros(len(points), bool)
    for target in atom.targets:
        if atom.relation == "area":
            found |= in_area(points, target)
        elif atom.relation in DIRECTIONS:
            found |= is_beside(points, atom.relation, scene.xy(target))
    return found
