"""Where one can stand, against Recast's own rules, span by span and cell by cell.

The rules are those of Recast 1.5's filters (rcFilterLowHangingWalkableObstacles,
rcFilterLedgeSpans, rcFilterWalkableLowHeightSpans, rcErodeWalkableArea) and of its links
(rcBuildCompactHeightfield), in plain loops over spans, as Recast has them.
"""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import pairwise

import numpy as np
import pytest

from longhaul.envs.lhvln.navmesh.floors import GRID_STEPS, NO_PLACE, components, find_floors
from longhaul.envs.lhvln.navmesh.settings import Settings
from longhaul.envs.lhvln.navmesh.voxels import Voxels

Span = tuple[int, int]
"""The lowest solid level, and the first free one above."""

Place = tuple[int, int, int]
"""A cell's i and j, and the level of the span's top."""

SKY = 10_000
"""The level of the ceiling where there is none."""


class World:
    """Ground with bumps, holes and a step, here and there with a slab over it."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        shape = (*rng.integers(7, 17, 2).tolist(), 12)
        ground = np.full(shape[:2], 2)
        rough = rng.random(shape[:2]) < rng.choice([0.01, 0.05, 0.1])
        ground[rough] = rng.integers(0, 5, int(rough.sum()))
        ground[shape[0] // 2 :] += int(rng.integers(0, 3))
        self.solid = np.arange(shape[2]) < ground[:, :, None]
        for _ in range(int(rng.integers(0, 4))):
            low, size = rng.integers(0, 8, 2), rng.integers(1, 9, 2)
            bottom, thick = int(rng.integers(2, 9)), int(rng.integers(1, 3))
            slab = slice(bottom, bottom + thick)
            self.solid[low[0] : low[0] + size[0], low[1] : low[1] + size[1], slab] = True
        above = np.pad(self.solid, ((0, 0), (0, 0), (0, 1)))[:, :, 1:]
        level = rng.random(shape) > rng.choice([0.0, 0.02, 0.1])
        self.walkable = self.solid & (level & ~above | (rng.random(shape) < 0.02))
        self.tops = np.where(self.walkable, rng.random(shape), -np.inf)
        self.settings = Settings(
            agent_radius=0.05 * int(rng.integers(0, 4)),
            agent_height=0.2 * int(rng.integers(2, 5)),
            agent_max_climb=0.2 * int(rng.integers(1, 3)),
            region_min_size=float(rng.choice([1.0, 2.0, 3.0])),
        )
        self.voxels = Voxels(np.array([0.0, -0.2, 0.0]), self.solid, self.walkable, self.tops)

    def face(self, place: Place, low: int) -> float | None:
        """Return the height of the highest walkable face at most a step below a span's top."""
        i, j, top = place
        for level in range(top - 1, max(low, top - 1 - self.settings.climb) - 1, -1):
            if self.walkable[i, j, level]:
                return float(self.tops[i, j, level])
        return None

    def spans(self, i: int, j: int) -> list[Span]:
        """Return a column's spans from below; none outside of the grid."""
        levels = np.flatnonzero(np.diff(np.pad(self.solid[i, j].astype(int), 1)))
        return [(int(a), int(b)) for a, b in levels.reshape(-1, 2)]


def standing(world: World) -> dict[Place, list[Place | None]]:
    """Return the places to stand and their links, after Recast's rules."""
    climb, tall = world.settings.climb, world.settings.height
    columns = {(i, j): world.spans(i, j) for i, j in np.ndindex(world.solid.shape[:2])}
    ceilings = {
        (i, j, top): spans[n + 1][0] if n + 1 < len(spans) else SKY
        for (i, j), spans in columns.items()
        for n, (_, top) in enumerate(spans)
    }
    faces = {
        (i, j, top): world.face((i, j, top), low)
        for (i, j), spans in columns.items()
        for low, top in spans
    }
    good = {place for place, face in faces.items() if face is not None}
    good |= {
        (i, j, upper)
        for (i, j), spans in columns.items()
        for (_, lower), (_, upper) in pairwise(spans)
        if (i, j, lower) in good and upper - lower <= climb
    }
    good = {place for place in good if not ledge(world, columns, ceilings, place)}
    good = {place for place in good if ceilings[place] - place[2] > tall}
    links = {place: linked(world, columns, ceilings, place, good) for place in good}
    links = restricted(links, eroded(links, world.settings.radius))
    sizes = {place: len(reachable(links, place)) for place in links}
    return restricted(links, {p for p in links if sizes[p] >= world.settings.region_min_size**2})


def ledge(
    world: World,
    columns: dict[tuple[int, int], list[Span]],
    ceilings: dict[Place, int],
    place: Place,
) -> bool:
    climb, tall = world.settings.climb, world.settings.height
    bottom, top = place[2], ceilings[place]
    drop, low, high = SKY, bottom, bottom
    for di, dj in GRID_STEPS:
        cell = place[0] + di, place[1] + dj
        if cell not in columns:
            drop = min(drop, -climb - bottom)
            continue
        spans = columns[cell]
        first = spans[0][0] if spans else SKY
        if min(top, first) - max(bottom, -climb) > tall:
            drop = min(drop, -climb - bottom)
        for _, other in spans:
            if min(top, ceilings[*cell, other]) - max(bottom, other) > tall:
                drop = min(drop, other - bottom)
                if abs(other - bottom) <= climb:
                    low, high = min(low, other), max(high, other)
    return drop < -climb or high - low > climb


def linked(
    world: World,
    columns: dict[tuple[int, int], list[Span]],
    ceilings: dict[Place, int],
    place: Place,
    good: set[Place],
) -> list[Place | None]:
    """Return the lowest place that can be stepped to in each direction."""
    found: list[Place | None] = []
    for di, dj in GRID_STEPS:
        i, j = place[0] + di, place[1] + dj
        steps = (
            (i, j, top)
            for _, top in columns.get((i, j), [])
            if (i, j, top) in good
            and abs(top - place[2]) <= world.settings.climb
            and min(ceilings[place], ceilings[i, j, top]) - max(place[2], top)
            >= world.settings.height
        )
        found.append(next(steps, None))
    return found


def eroded(links: dict[Place, list[Place | None]], radius: int) -> set[Place]:
    """Return the places at least a radius from an edge: a step counts 2, a diagonal one 3."""
    far: dict[Place, int] = {}
    heap = [(0, place) for place, others in links.items() if None in others]
    while heap:
        way, place = heappop(heap)
        if place in far:
            continue
        far[place] = way
        for turn, other in enumerate(links[place]):
            if other is not None:
                heappush(heap, (way + 2, other))
                for corner in (links[other][turn - 1], links[other][(turn + 1) % 4]):
                    if corner is not None:
                        heappush(heap, (way + 3, corner))
    return {place for place in links if far.get(place, SKY) >= 2 * radius}


def restricted(
    links: dict[Place, list[Place | None]], kept: set[Place]
) -> dict[Place, list[Place | None]]:
    return {p: [o if o in kept else None for o in links[p]] for p in links if p in kept}


def reachable(links: dict[Place, list[Place | None]], start: Place) -> set[Place]:
    seen, stack = {start}, [start]
    while stack:
        for other in links[stack.pop()]:
            if other is not None and other not in seen:
                seen.add(other)
                stack.append(other)
    return seen


SEEDS = (*range(55), 109, 158, 179)
"""In the last worlds a step is possible where exactly the robot's height is free."""


@pytest.mark.parametrize("seed", SEEDS)
def test_floors_and_their_links_are_recasts(seed: int) -> None:
    world = World(seed)
    expected = standing(world)
    floors = find_floors(world.voxels, world.settings)
    places = list(zip(floors.i.tolist(), floors.j.tolist(), floors.level.tolist(), strict=True))
    links = [[None if n == NO_PLACE else places[n] for n in row] for row in floors.links]
    assert dict(zip(places, links, strict=True)) == expected
    assert len(places) == len(expected)
    for (i, j, top), height in zip(places, floors.height.tolist(), strict=True):
        low = next(low for low, end in world.spans(i, j) if end == top)
        assert height == (world.face((i, j, top), low) or height)
    part = components(floors)
    for place, number in zip(places, part.tolist(), strict=True):
        assert {places[n] for n in np.flatnonzero(part == number)} == reachable(expected, place)


def test_most_of_these_worlds_have_places() -> None:
    assert sum(bool(standing(World(seed))) for seed in SEEDS) > 40
