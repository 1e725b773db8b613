"""States made by hand: things with their centers, and what touches what."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from longhaul.envs.lohoravens.relations import Scene
from longhaul.envs.lohoravens.rest import at_rest
from longhaul.envs.lohoravens.things import Layout, Pose, Quaternion, TableState, Thing, Vector

SIZES: dict[str, Vector] = {
    "block": (0.04, 0.04, 0.04),
    "bowl": (0.115, 0.118, 0.035),
    "zone": (0.12, 0.12, 0.001),
    "box": (0.2, 0.16, 0.06),
    "stand": (0.36, 0.12, 0.06),
    "ring": (0.1, 0.1, 0.012),
}

Placed = tuple[Thing, Pose]


def turned(yaw: float) -> Quaternion:
    return 0.0, 0.0, float(np.sin(yaw / 2)), float(np.cos(yaw / 2))


def put(
    name: str,
    x: float,
    y: float,
    z: float | None = None,
    yaw: float = 0.0,
    edge: float | None = None,
    color: str = "red",
) -> Placed:
    """Return a thing whose kind is its name up to the first underscore; z None: on the table."""
    kind = name.split("_")[0]
    size = SIZES[kind] if edge is None else (edge, edge, edge)
    fixed = kind in ("bowl", "zone", "box", "stand")
    height = size[2] / 2 if z is None else z
    return Thing(name, kind, color, size, fixed), Pose((x, y, height), turned(yaw))


def state(
    *placed: Placed, touching: Iterable[tuple[str, str]] | None = None, held: str | None = None
) -> TableState:
    """Return a state; `touching` None takes what bounding boxes say."""
    poses = {thing.name: pose for thing, pose in placed}
    layout = Layout(tuple(thing for thing, _ in placed), poses)
    contacts = at_rest(layout).touching
    if touching is not None:
        contacts = frozenset(frozenset(pair) for pair in touching)
    return TableState({thing.name: thing for thing, _ in placed}, poses, contacts, held)


def scene(
    *placed: Placed, touching: Iterable[tuple[str, str]] | None = None, held: str | None = None
) -> Scene:
    return Scene(state(*placed, touching=touching, held=held))
