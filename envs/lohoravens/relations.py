"""Relations between things that have settled: on, in, in a zone, in an area, beside, under.

Each relation is judged by overlap seen from above, height and contact, never by a planned pose.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from longhaul.envs.lohoravens.geometry import (
    AREAS,
    DIRECTIONS,
    Points,
    footprint,
    half_extents,
    in_area,
    is_beside,
    pegs,
)
from longhaul.envs.lohoravens.things import TableState

REST_TOLERANCE_M = 0.012
"""Largest distance between a thing's underside and the top that it rests on."""

MIN_ON_OVERLAP, MIN_ZONE_OVERLAP, MIN_COVERED_SHARE = 0.2, 0.5, 0.9
"""Least share of a footprint that lies on a support (a block over the gap between two has 0.375 on
either), in a zone, and under other things if the thing is hidden."""

CONTAINER_INSET_M = 0.015
"""How far a center must lie inside the edge of a bowl or box."""

PEG_TOLERANCE_M = 0.02
"""How far a ring's center may lie from its peg."""

_CELL_CENTERS = (np.arange(8) + 0.5) / 8 - 0.5
_UNIT_SQUARE = np.stack(np.meshgrid(_CELL_CENTERS, _CELL_CENTERS), -1).reshape(-1, 2)


class Scene:
    """The relations of one settled state; a thing that the cup holds has none."""

    def __init__(self, state: TableState) -> None:
        self.state = state
        self.things, self.poses = state.things, state.poses
        self._points: dict[str, Points] = {}
        self._halves: dict[str, float] = {}
        self._flats: dict[str, tuple[float, float, float]] = {}

    def xy(self, name: str) -> tuple[float, float]:
        return self.poses[name].position[:2]

    def top(self, name: str) -> float:
        """Return the height of a thing's highest point (m)."""
        return self.poses[name].position[2] + self._half(name)

    def bottom(self, name: str) -> float:
        """Return the height of a thing's lowest point (m)."""
        return self.poses[name].position[2] - self._half(name)

    def yaw(self, name: str) -> float:
        """Return the rotation of a thing about z (rad), whichever side of it is up."""
        return self._flat(name)[0]

    def overlap(self, name: str, other: str) -> float:
        """Return the share of a thing's footprint that lies within another's, 0 to 1."""
        return float(self._within(name, other).mean())

    def on(self, upper: str, lower: str) -> bool:
        """`upper` rests on top of `lower`."""
        return (
            frozenset((upper, lower)) in self.state.touching
            and upper != self.state.held
            and abs(self.bottom(upper) - self.top(lower)) < REST_TOLERANCE_M
            and max(self.overlap(upper, lower), self.overlap(lower, upper)) >= MIN_ON_OVERLAP
        )

    def inside(self, name: str, container: str) -> bool:
        """A thing lies in a bowl or box: below its rim, held by it or by what lies in it."""
        return (
            name not in (container, self.state.held)
            and self._within_walls(name, container)
            and self.bottom(name) < self.top(container) - REST_TOLERANCE_M / 2
            and any(
                other == container
                or (other in self._touched_by(container) and self._within_walls(other, container))
                for other in self._touched_by(name)
            )
        )

    def in_zone(self, name: str, zone: str) -> bool:
        """Most of a thing's footprint lies in a zone, on it or on what stands there."""
        return name != self.state.held and self.overlap(name, zone) >= MIN_ZONE_OVERLAP

    def on_zone(self, name: str, zone: str) -> bool:
        """A thing is in a zone and stands on the table."""
        return self.in_zone(name, zone) and abs(self.bottom(name)) < REST_TOLERANCE_M

    def in_area(self, name: str, area: str) -> bool:
        """A thing's center lies in an area of the table (longhaul.envs.lohoravens.geometry)."""
        return name != self.state.held and bool(in_area(self.xy(name), area))

    def area(self, name: str) -> str | None:
        """Return the first of AREAS that a thing lies in, after which it is named."""
        return next((area for area in AREAS if self.in_area(name, area)), None)

    def beside(self, name: str, direction: str, anchor: str) -> bool:
        """A thing lies on the left, right, top or bottom of another."""
        return name not in (anchor, self.state.held) and bool(
            is_beside(self.xy(name), direction, self.xy(anchor))
        )

    def on_peg(self, ring: str, peg: str) -> bool:
        """A ring is around the left, middle or right peg of the stand."""
        stand = next(name for name, thing in self.things.items() if thing.kind == "stand")
        away = np.subtract(self.xy(ring), pegs(self.things[stand], self.poses[stand])[peg])
        low = self.bottom(ring) < self.top(stand) - REST_TOLERANCE_M / 2
        return ring != self.state.held and low and float(np.hypot(*away)) < PEG_TOLERANCE_M

    def resting_on(self, name: str) -> list[str]:
        """Return what lies on a thing directly, whatever the overlap is, sorted."""
        return sorted(upper for upper in self._touched_by(name) if self._lies_on(upper, name))

    def above(self, name: str) -> list[str]:
        """Return all that rests on a thing, directly or on other things, nearest first."""
        found = [name]
        for lower in found:
            found += [upper for upper in self.resting_on(lower) if upper not in found]
        return found[1:]

    def hidden(self, name: str) -> bool:
        """Other things lie on this one and hide it from above."""
        above = self.above(name)
        if not above:
            return False
        covered = np.logical_or.reduce([self._within(name, other) for other in above])
        return bool(covered.mean() >= MIN_COVERED_SHARE)

    @cached_property
    def _neighbors(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {name: [] for name in self.things}
        for pair in self.state.touching:
            one, other = pair
            found[one].append(other)
            found[other].append(one)
        return found

    def _lies_on(self, upper: str, lower: str) -> bool:
        return (
            upper != self.state.held
            and abs(self.bottom(upper) - self.top(lower)) < REST_TOLERANCE_M
            and max(self.overlap(upper, lower), self.overlap(lower, upper)) > 0
        )

    def _touched_by(self, name: str) -> list[str]:
        return self._neighbors[name]

    def _within_walls(self, name: str, container: str) -> bool:
        x, y = self._local(np.array([self.xy(name)]), container)[0]
        wide, deep, _ = self.things[container].size
        wide, deep = wide / 2 - CONTAINER_INSET_M, deep / 2 - CONTAINER_INSET_M
        if self.things[container].kind == "bowl":
            return bool((x / wide) ** 2 + (y / deep) ** 2 < 1)
        return bool(abs(x) < wide and abs(y) < deep)

    def _half(self, name: str) -> float:
        if name not in self._halves:
            half = half_extents(self.things[name].size, self.poses[name].quaternion)
            self._halves[name] = float(half[2])
        return self._halves[name]

    def _within(self, name: str, other: str) -> NDArray[np.bool_]:
        """Say which of the footprint's points (64,) lie within another's footprint."""
        _, wide, deep = self._flat(other)
        local = np.abs(self._local(self._footprint(name), other))
        return np.asarray((local <= (wide / 2, deep / 2)).all(-1))

    def _footprint(self, name: str) -> Points:
        if name not in self._points:
            yaw, wide, deep = self._flat(name)
            self._points[name] = (_UNIT_SQUARE * (wide, deep)) @ _turn(-yaw) + self.xy(name)
        return self._points[name]

    def _flat(self, name: str) -> tuple[float, float, float]:
        if name not in self._flats:
            size, quaternion = self.things[name].size, self.poses[name].quaternion
            self._flats[name] = footprint(size, quaternion)
        return self._flats[name]

    def _local(self, points: Points, frame: str) -> Points:
        """Return points (n, 2) of the world in a thing's own frame."""
        return np.asarray((points - np.array(self.xy(frame))) @ _turn(self.yaw(frame)))


def _turn(yaw: float) -> Points:
    """Return the matrix that rotates row vectors (n, 2) by -yaw (rad)."""
    sin, cos = np.sin(yaw), np.cos(yaw)
    return np.array([[cos, -sin], [sin, cos]])


def _beside(direction: str) -> Callable[[Scene, str, str], bool]:
    return lambda scene, name, anchor: scene.beside(name, direction, anchor)


RELATIONS: Mapping[str, Callable[[Scene, str, str], bool]] = {
    "on": Scene.on,
    "in": Scene.inside,
    "zone": Scene.in_zone,
    "area": Scene.in_area,
    "peg": Scene.on_peg,
    **{direction: _beside(direction) for direction in DIRECTIONS},
}
"""Relations of a mover to a target by the names that goals use."""
