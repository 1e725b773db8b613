"""Finds free space on the table, in an area of it, in a zone or in a box."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from longhaul.envs.lohoravens.geometry import WORKSPACE_MIDDLE, Points, footprint, half_extents
from longhaul.envs.lohoravens.things import WORKSPACE_BOUNDS_M, Pose, Thing

WORKSPACE_EXTENTS_M = tuple(high - low for low, high in WORKSPACE_BOUNDS_M[:2])
"""Extents of the workspace along x and y."""

GRID_STEP_M = 0.01
"""Distance between the points of the table that are tried."""


class NoRoomError(RuntimeError):
    """A thing fits nowhere; the message names it and where it should go."""


class FreeSpace:
    """A rectangle of the table, in its own frame, and the squares that still fit into it.

    Every thing counts as its bounding box in that frame, so a thing that is said to fit does fit.
    Positions are (x, y) of the world, lengths meters.
    """

    def __init__(
        self,
        center: ArrayLike = WORKSPACE_MIDDLE,
        extents: ArrayLike = WORKSPACE_EXTENTS_M,
        yaw: float = 0.0,
        step: float = GRID_STEP_M,
    ) -> None:
        self._center, half = np.asarray(center, float), np.asarray(extents, float) / 2
        self._yaw = yaw
        sin, cos = np.sin(yaw), np.cos(yaw)
        self._axes = np.array([[cos, sin], [-sin, cos]])
        counts = np.floor(half / step).astype(int)
        axes = [step * np.arange(-count, count + 1) for count in counts]
        self._local = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 2)
        self.points: Points = self._local @ self._axes + self._center
        self._room = (half - np.abs(self._local)).min(-1)

    def take(self, thing: Thing, pose: Pose, gap: float = 0.0) -> None:
        """Mark the room of a thing, and `gap` around it, as taken."""
        yaw, wide, deep = footprint(thing.size, pose.quaternion)
        turn = yaw - self._yaw
        sin, cos = abs(np.sin(turn)), abs(np.cos(turn))
        half = np.array([cos * wide + sin * deep, sin * wide + cos * deep]) / 2 + gap
        center = self._axes @ (np.array(pose.position[:2]) - self._center)
        self._room = np.minimum(self._room, (np.abs(self._local - center) - half).max(-1))

    def take_all(self, things: Iterable[tuple[Thing, Pose]], gap: float = 0.0) -> None:
        for thing, pose in things:
            self.take(thing, pose, gap)

    def room(self, half: float, where: NDArray[np.bool_] | None = None) -> Points:
        """Return the points (n, 2) around which a square with this half edge fits; n may be 0.

        `where` says which of `points` are wanted.
        """
        fits = self._room >= half
        return self.points[fits if where is None else fits & where]

    def roomiest(self) -> tuple[float, float]:
        """Return the point (x, y) with most room, which may be too little for anything."""
        x, y = self.points[self._room.argmax()]
        return float(x), float(y)

    def draw(
        self,
        generator: np.random.Generator,
        thing: Thing,
        quaternion: tuple[float, float, float, float],
        where: NDArray[np.bool_] | None = None,
    ) -> tuple[float, float]:
        """Return a random point (x, y) where a thing has room, half a grid step or less from the
        points that are wanted. Raises NoRoomError."""
        half = float(half_extents(thing.size, quaternion)[:2].max())
        points = self.room(half + GRID_STEP_M / 2, where)
        if not len(points):
            raise NoRoomError(f"no room for {thing.name} ({thing.color} {thing.kind})")
        nearby = generator.uniform(-GRID_STEP_M / 2, GRID_STEP_M / 2, 2)
        x, y = points[generator.integers(len(points))] + nearby
        return float(x), float(y)
