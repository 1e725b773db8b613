"""Where a robot can stand: the tops of voxels with room above, linked to those one step away.

The filters are Recast's, in its order: low obstacles are stepped on, ledges and places with too
little height are removed, and so are places nearer to an edge than the robot's radius.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from longhaul.envs.lhvln.navmesh.settings import Settings
from longhaul.envs.lhvln.navmesh.voxels import Index, Mask, Voxels

GRID_STEPS = ((-1, 0), (0, 1), (1, 0), (0, -1))
"""The four steps to neighboring cells (x, z), each a quarter turn from the one before."""

NO_CEILING = 1 << 20
"""Level of the ceiling above a place without one."""

NO_PLACE = -1
"""Index that stands for no place."""


@dataclass(frozen=True)
class Floors:
    """Places to stand: their cells `i` and `j`, their `level` (in voxels) and `height` (m), and
    `links` (N, 4): the places one step away in each of GRID_STEPS, NO_PLACE for none."""

    i: Index
    j: Index
    level: Index
    height: NDArray[np.float64]
    links: Index

    def only(self, kept: Mask) -> Floors:
        """Return some of the places, linked among themselves."""
        number = np.append(np.where(kept, np.cumsum(kept) - 1, NO_PLACE), NO_PLACE)
        links = number[self.links[kept]]
        return Floors(self.i[kept], self.j[kept], self.level[kept], self.height[kept], links)


def find_floors(voxels: Voxels, settings: Settings) -> Floors:
    """Return where the robot of these settings can stand."""
    columns = _Columns(voxels, settings.climb)
    walkable = columns.walkable
    low = columns.same & ~walkable[1:] & walkable[:-1]
    low &= np.diff(columns.level) <= settings.climb
    walkable[1:][low] = True
    walkable &= ~_ledges(columns, settings)
    walkable &= columns.ceiling - columns.level > settings.height
    everywhere = Floors(
        columns.i, columns.j, columns.level, columns.height, _links(columns, walkable, settings)
    )
    floors = everywhere.only(walkable)
    floors = floors.only(_clear(floors, settings.radius))
    return floors.only(_large(floors, settings.region_min_size**2))


class _Columns:
    """All tops of voxels, walkable or not, column by column from below."""

    def __init__(self, voxels: Voxels, climb: int) -> None:
        solid = voxels.solid
        above = np.pad(solid, ((0, 0), (0, 0), (0, 1)))[:, :, 1:]
        self.shape = solid.shape[:2]
        self.i, self.j, top = (found.astype(np.int64) for found in np.nonzero(solid & ~above))
        self.level = top + 1
        self.same = (np.diff(self.i) == 0) & (np.diff(self.j) == 0)
        begins = np.pad(solid, ((0, 0), (0, 0), (1, 0)))[:, :, :-1]
        _, _, bottom = np.nonzero(solid & ~begins)
        self.ceiling = np.full(len(top), NO_CEILING)
        self.ceiling[:-1][self.same] = bottom[1:][self.same]
        self.walkable = np.zeros(len(top), bool)
        self.height = voxels.corner[1] + self.level * 0.0
        # A walkable face a little lower, under something thin, makes the top above walkable too.
        for down in range(climb, -1, -1):
            at = self.i, self.j, np.maximum(top - down, 0)
            here = voxels.walkable[at] & (top >= down) & solid[at]
            self.walkable |= here
            self.height[here] = voxels.tops[at][here]
        self._index_tops(bottom)

    def _index_tops(self, bottom: Index) -> None:
        """Set `tops` (X, Z, S), the indices of a column's tops, and `lowest`, its bottom level."""
        rank = np.zeros(len(self.i), int)
        first = np.flatnonzero(np.append(True, ~self.same)) if len(self.i) else np.zeros(0, int)
        lengths = np.diff(np.append(first, len(self.i)))
        rank = np.arange(len(self.i)) - np.repeat(first, lengths)
        self.tops = np.full((*self.shape, int(rank.max(initial=0)) + 1), NO_PLACE)
        self.tops[self.i, self.j, rank] = np.arange(len(self.i))
        self.lowest = np.full(self.shape, NO_CEILING)
        self.lowest[self.i[first], self.j[first]] = bottom[first]

    def beside(self, direction: tuple[int, int]) -> tuple[Mask, Index, Index]:
        """Return for every top whether the grid has a cell in a direction, and its i and j."""
        i, j = self.i + direction[0], self.j + direction[1]
        inside = (i >= 0) & (j >= 0) & (i < self.shape[0]) & (j < self.shape[1])
        return inside, np.where(inside, i, 0), np.where(inside, j, 0)


def _ledges(columns: _Columns, settings: Settings) -> Mask:
    """Say which tops lie beside a drop, or have neighbors whose heights differ by too much."""
    climb, tall = settings.climb, settings.height
    level, ceiling = columns.level, columns.ceiling
    drop = np.full(len(level), NO_CEILING)
    lowest, highest = level.copy(), level.copy()
    for direction in GRID_STEPS:
        inside, i, j = columns.beside(direction)
        free = np.minimum(ceiling, columns.lowest[i, j]) - np.maximum(level, -climb) > tall
        drop = np.where(~inside | free, np.minimum(drop, -climb - level), drop)
        for top in range(columns.tops.shape[2]):
            other = columns.tops[i, j, top]
            fits = inside & (other != NO_PLACE)
            fits &= np.minimum(ceiling, ceiling[other]) - np.maximum(level, level[other]) > tall
            difference = level[other] - level
            drop = np.where(fits, np.minimum(drop, difference), drop)
            near = fits & (np.abs(difference) <= climb)
            lowest = np.where(near, np.minimum(lowest, level[other]), lowest)
            highest = np.where(near, np.maximum(highest, level[other]), highest)
    ledges: Mask = (drop < -climb) | (highest - lowest > climb)
    return ledges


def _links(columns: _Columns, walkable: Mask, settings: Settings) -> Index:
    """Return for each top the walkable top one step away in each direction."""
    links = np.full((len(walkable), len(GRID_STEPS)), NO_PLACE)
    level, ceiling = columns.level, columns.ceiling
    for number, direction in enumerate(GRID_STEPS):
        inside, i, j = columns.beside(direction)
        for top in range(columns.tops.shape[2]):
            other = columns.tops[i, j, top]
            fits = inside & (other != NO_PLACE) & walkable[other]
            room = np.minimum(ceiling, ceiling[other]) - np.maximum(level, level[other])
            fits &= (room >= settings.height) & (np.abs(level[other] - level) <= settings.climb)
            fits &= links[:, number] == NO_PLACE
            links[fits, number] = other[fits]
    return links


def _clear(floors: Floors, radius: int) -> Mask:
    """Say which places are further than `radius` cells from an edge, diagonals counting 3/2."""
    links = np.vstack([floors.links, np.full(len(GRID_STEPS), NO_PLACE)])
    far = np.full(len(links), 2 * radius + 3)
    far[:-1][(floors.links == NO_PLACE).any(axis=1)] = 0
    turns = range(len(GRID_STEPS))
    corners = [(a, b) for a in turns for b in ((a + 1) % 4, (a - 1) % 4)]
    for _ in range(radius):
        near = far.copy()
        for direction in turns:
            np.minimum(near, far[links[:, direction]] + 2, out=near)
        for a, b in corners:
            np.minimum(near, far[links[links[:, a], b]] + 3, out=near)
        # The last row stands for NO_PLACE and stays far away.
        near[-1] = far[-1]
        far = near
    clear: Mask = far[:-1] >= 2 * radius
    return clear


def components(floors: Floors, linked: Mask | None = None) -> Index:
    """Return the number of the connected part that each place belongs to; `linked` (N, 4) says
    which links count."""
    ways = floors.links != NO_PLACE
    place, direction = np.nonzero(ways if linked is None else ways & linked)
    count = len(floors.i)
    pairs = (np.ones(len(place)), (place, floors.links[place, direction]))
    label: Index = connected_components(coo_array(pairs, (count, count)), directed=False)[1]
    return label


def _large(floors: Floors, least: float) -> Mask:
    """Say which places belong to components of at least so many cells."""
    label = components(floors)
    large: Mask = np.bincount(label)[label] >= least if len(label) else np.zeros(0, bool)
    return large
