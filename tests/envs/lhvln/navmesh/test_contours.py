"""Outlines of places, of which some touch in a corner alone."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from longhaul.envs.lhvln.navmesh.contours import Corner, _loops
from longhaul.envs.lhvln.navmesh.floors import GRID_STEPS, NO_PLACE, Floors, components

Cell = tuple[int, int]


def floors_of(cells: list[Cell]) -> Floors:
    """Return places on one level, linked to those that share an edge."""
    number = {cell: place for place, cell in enumerate(cells)}
    links = [[number.get((i + di, j + dj), NO_PLACE) for di, dj in GRID_STEPS] for i, j in cells]
    i, j = np.array(cells).reshape(-1, 2).T
    level = np.zeros(len(cells), np.int64)
    return Floors(i, j, level, level.astype(float), np.array(links).reshape(-1, 4))


def owner(a: Corner, b: Corner) -> Cell:
    """Return the cell of an edge: it lies to the right, z being drawn upward."""
    step = b[0] - a[0], b[1] - a[1]
    cells = {(0, -1): (b[0], b[1]), (-1, 0): (b[0], b[1] - 1), (0, 1): (a[0] - 1, a[1])}
    return cells.get(step, a)


YARD = {(i, j) for i in range(3, 9) for j in range(2, 8)}


@given(st.sets(st.sampled_from(sorted(YARD)), max_size=len(YARD) - 1))
@settings(deadline=None, max_examples=60)
def test_outlines_are_closed_and_stay_at_their_cells(holes: set[Cell]) -> None:
    """Where two cells touch in a corner alone an outline goes on along its own, so that it touches
    itself and never crosses."""
    cells = sorted(YARD - holes)
    floors = floors_of(cells)
    parts = components(floors)
    area, edges = 0, 0
    for part in range(int(parts.max()) + 1):
        members = np.flatnonzero(parts == part)
        inside = {cells[place] for place in members}
        for loop in _loops(floors, parts, members):
            for before, (a, b, beyond) in zip([loop[-1], *loop[:-1]], loop, strict=True):
                assert before[1] == a and beyond == NO_PLACE
                one, other = owner(*before[:2]), owner(a, b)
                assert {one, other} <= inside
                apart = abs(one[0] - other[0]) + abs(one[1] - other[1])
                if apart == 2 and before is not loop[-1]:  # it is closed where it comes back
                    assert {(one[0], other[1]), (other[0], one[1])} & inside
                assert apart <= 2
                area += a[0] * b[1] - a[1] * b[0]
                edges += 1
    assert area == 2 * len(cells)
    assert edges == (floors.links == NO_PLACE).sum()
