"""Layouts to test with."""

from __future__ import annotations

import numpy as np

from longhaul.envs.lohoravens.motion import Tip
from longhaul.envs.lohoravens.things import (
    UPRIGHT_QUATERNION,
    WORKSPACE_BOUNDS_M,
    Layout,
    Pose,
    Quaternion,
    TableState,
    Thing,
    Vector,
)

SMALL, BIG = (0.04, 0.04, 0.04), (0.06, 0.06, 0.06)
BOWL, ZONE, PELLET = (0.115, 0.118, 0.035), (0.12, 0.12, 0.001), (0.02, 0.02, 0.02)
RADII = {"zone": 0.09, "bowl": 0.062, "block": 0.045}
COLORS = ("red", "blue", "green", "yellow", "white", "purple", "cyan", "orange")


def turned(yaw: float) -> Quaternion:
    return 0.0, 0.0, float(np.sin(yaw / 2)), float(np.cos(yaw / 2))


Placed = tuple[Thing, Vector, float]
"""A thing, its center (m) and its yaw (rad)."""


def layout(*things: Placed, tool: str = "suction") -> Layout:
    """Return things with their centers and yaws."""
    poses = {thing.name: Pose(center, turned(yaw)) for thing, center, yaw in things}
    return Layout(tuple(thing for thing, _, _ in things), poses, tool)


def block(name: str, x: float, y: float, size: Vector = SMALL, yaw: float = 0.0) -> Placed:
    return Thing(name, "block", "red", size), (x, y, size[2] / 2), yaw


def cluttered(seed: int) -> Layout:
    """Return a zone, bowls fixed and movable, and blocks of both sizes, apart from each other."""
    random = np.random.default_rng(seed)
    kinds = [("zone", ZONE, True), *(("bowl", BOWL, fixed) for fixed in (True, False, True))]
    kinds += [("block", BIG, False)] * 3 + [("block", SMALL, False)] * 5
    things: list[Thing] = []
    poses: dict[str, Pose] = {}
    taken: list[tuple[float, float, float]] = []
    for index, (kind, size, fixed) in enumerate(kinds):
        x, y = _spot(random, RADII[kind], taken)
        thing = Thing(f"{kind}{index}", kind, COLORS[index % len(COLORS)], size, fixed)
        things.append(thing)
        yaw = float(random.uniform(-np.pi, np.pi)) if kind == "block" else 0.0
        poses[thing.name] = Pose((x, y, size[2] / 2), turned(yaw) if yaw else UPRIGHT_QUATERNION)
    return Layout(tuple(things), poses)


def _spot(
    random: np.random.Generator, radius: float, taken: list[tuple[float, float, float]]
) -> tuple[float, float]:
    low = np.array([bound[0] for bound in WORKSPACE_BOUNDS_M[:2]]) + radius
    high = np.array([bound[1] for bound in WORKSPACE_BOUNDS_M[:2]]) - radius
    for _ in range(10_000):
        x, y = random.uniform(low, high).tolist()
        if all(np.hypot(x - a, y - b) > radius + other for a, b, other in taken):
            taken.append((x, y, radius))
            return x, y
    raise AssertionError("the table is full")


def random_action(random: np.random.Generator, layout: Layout) -> tuple[Tip, Tip]:
    """Return an action that mostly picks near a thing and often places near one."""
    solid = [thing.name for thing in layout.things if thing.kind != "zone"]

    def near(chance: float, spread: float) -> tuple[float, float]:
        low, high = zip(*WORKSPACE_BOUNDS_M[:2], strict=True)
        point = random.uniform(low, high)
        if random.random() < chance:
            name = solid[random.integers(len(solid))]
            point = np.array(layout.poses[name].position[:2]) + random.uniform(-spread, spread, 2)
        x, y = np.clip(point, low, high).tolist()
        return x, y

    turn = float(random.uniform(-np.pi, np.pi))
    return Tip(*near(0.8, 0.01), 0.0, -turn / 2), Tip(*near(0.5, 0.02), 0.0, turn / 2)


def moved(before: TableState, after: TableState) -> dict[str, float]:
    """Return how far every thing went (m)."""
    return {
        name: float(np.linalg.norm(np.subtract(pose.position, after.poses[name].position)))
        for name, pose in before.poses.items()
    }
