"""From places to stand to triangles: the simplified outlines of connected places.

Places above one another cannot lie in one plane figure, so they are first divided into charts:
bands of levels lower than the robot is tall, in which no two places share a cell. Charts are
divided where the fewest places touch, which is on stairs.
"""

from __future__ import annotations

import math

import numpy as np
import shapely
from numpy.typing import NDArray

from longhaul.envs.lhvln.navmesh.floors import NO_PLACE, Floors, components, find_floors
from longhaul.envs.lhvln.navmesh.settings import Settings
from longhaul.envs.lhvln.navmesh.surface import Heights, Surface
from longhaul.envs.lhvln.navmesh.voxels import Index, voxelize

Array = NDArray[np.float64]

Corner = tuple[int, int]
"""A corner of cells: x and z, in cells."""

Side = tuple[Corner, Corner, int]
"""An edge of a chart, which lies to its left, and the chart beyond it; NO_PLACE for a wall."""

CELL_EDGES = (((0, 1), (0, 0)), ((1, 1), (0, 1)), ((1, 0), (1, 1)), ((0, 0), (1, 0)))
"""The edge of cell (0, 0) in each of GRID_STEPS, directed so that the cell lies to its right if z
is drawn upward."""


def build_surface(vertices: Array, triangles: Index, settings: Settings) -> Surface:
    """Return the walkable surface of a scene's triangles (T, 3).

    Raises ValueError if there is no place to stand.
    """
    voxels = voxelize(vertices, triangles, settings)
    floors = find_floors(voxels, settings)
    if not len(floors.i):
        raise ValueError("no place is large, level and high enough to stand on")
    chart = _charts(floors, settings.height)
    corner = (float(voxels.corner[0]), float(voxels.corner[2]))
    knots = _Knots(floors, chart, settings.agent_max_climb)
    points: list[list[tuple[float, float, float]]] = []
    faces: list[Index] = []
    owners: list[int] = []
    heights: list[Heights] = []
    for number in range(int(chart.max()) + 1):
        members = np.flatnonzero(chart == number)
        figure = _figure(_loops(floors, chart, members), settings.edge_max_error)
        flat, cut = _triangulated(figure)
        if not len(cut):
            continue
        faces.append(cut + sum(len(group) for group in points))
        points.append([knots.at(x, z, number) for x, z in flat])
        owners += [len(heights)] * len(cut)
        heights.append(_heights(floors, members, corner, settings.cell_size))
    scaled = np.array([point for group in points for point in group])
    scaled[:, [0, 2]] = scaled[:, [0, 2]] * settings.cell_size + corner
    return Surface(scaled, np.vstack(faces), np.array(owners), tuple(heights))


def _charts(floors: Floors, tall: int) -> Index:
    """Return the number of the chart (N,) that each place belongs to."""
    place, direction = np.nonzero(floors.links != NO_PLACE)
    a, b = floors.level[place], floors.level[floors.links[place, direction]]
    low, high = int(floors.level.min()), int(floors.level.max())
    # crossings[k] counts the links between levels up to low + k and those above.
    crossings = np.bincount(np.minimum(a, b)[a != b] - low, minlength=high - low + 2)
    starts = [low]
    while starts[-1] + tall <= high:
        reach = np.arange(starts[-1] + tall - 1, starts[-1] - 1, -1)
        starts.append(int(reach[np.argmin(crossings[reach - low])]) + 1)
    band = np.searchsorted(starts, floors.level, side="right")
    return components(floors, band[:, None] == np.append(band, 0)[floors.links])


def _loops(floors: Floors, chart: Index, members: Index) -> list[list[Side]]:
    """Return the closed outlines of a chart, each a list of edges of cells in order."""
    out: dict[Corner, list[Side]] = {}
    for direction, (first, last) in enumerate(CELL_EDGES):
        other = floors.links[members, direction]
        beyond = np.where(other == NO_PLACE, NO_PLACE, chart[other])
        for place, label in zip(members.tolist(), beyond.tolist(), strict=True):
            if label == chart[place]:
                continue
            i, j = int(floors.i[place]), int(floors.j[place])
            a, b = (i + first[0], j + first[1]), (i + last[0], j + last[1])
            out.setdefault(a, []).append((a, b, label))
    loops = []
    while out:
        start = next(iter(out))
        loop = [_take(out, start, None)]
        while loop[-1][1] != start:
            loop.append(_take(out, loop[-1][1], loop[-1]))
        loops.append(loop)
    return loops


def _take(out: dict[Corner, list[Side]], at: Corner, before: Side | None) -> Side:
    """Remove and return an edge that begins at a corner; of two, the one that stays at its cell."""
    choices = out[at]
    chosen = choices[0]
    if before is not None and len(choices) > 1:
        dx, dz = before[1][0] - before[0][0], before[1][1] - before[0][1]
        chosen = max(choices, key=lambda s: _turn(dx, dz, s[1][0] - s[0][0], s[1][1] - s[0][1]))
    choices.remove(chosen)
    if not choices:
        del out[at]
    return chosen


def _turn(ax: int, az: int, bx: int, bz: int) -> int:
    return ax * bz - az * bx


def _figure(loops: list[list[Side]], error: float) -> shapely.Geometry:
    """Return the figure, in cells, that the simplified outlines bound. If these would cross, the
    exact outlines are used."""
    rings = [ring for ring in (_simplified(loop, error) for loop in loops) if len(ring) >= 3]
    if not rings:
        return shapely.Polygon()
    area = [shapely.Polygon(ring).area for ring in rings]
    outer = int(np.argmax(area))
    holes = [ring for number, ring in enumerate(rings) if number != outer]
    figure: shapely.Geometry = shapely.Polygon(rings[outer], holes)
    if figure.is_valid:
        return figure
    # Exact outlines can touch themselves but not cross; buffer(0) separates them there.
    return _figure(loops, 0.0) if error else figure.buffer(0)


def _simplified(loop: list[Side], error: float) -> list[Corner]:
    """Return the corners of a simplified loop.

    Walls may deviate by `error`. Toward another chart every corner is kept, so that both charts
    agree.
    """
    breaks = [k for k in range(len(loop)) if loop[k][2] != loop[k - 1][2]]
    if not breaks:
        corners = [side[0] for side in loop]
        low = min(range(len(loop)), key=lambda k: corners[k])
        high = max(range(len(loop)), key=lambda k: corners[k])
        breaks = sorted({low, high})
    kept: list[Corner] = []
    for first, after in zip(breaks, [*breaks[1:], breaks[0] + len(loop)], strict=True):
        sides = [loop[k % len(loop)] for k in range(first, after)]
        chain = [sides[0][0], *(side[1] for side in sides)]
        kept += _thinned(chain, error if sides[0][2] == NO_PLACE else 0.0)[:-1]
    return kept


def _thinned(chain: list[Corner], error: float) -> list[Corner]:
    """Return the corners of a chain that the Douglas-Peucker algorithm keeps."""
    points = np.array(chain, float)
    kept = {0, len(chain) - 1}
    stack = [(0, len(chain) - 1)]
    while stack:
        a, b = stack.pop()
        if b - a < 2:
            continue
        far = _distances(points[a + 1 : b], points[a], points[b])
        most = int(far.argmax())
        if far[most] > error + 1e-9:
            middle = a + 1 + most
            kept.add(middle)
            stack += [(a, middle), (middle, b)]
    return [chain[k] for k in sorted(kept)]


def _distances(points: Array, a: Array, b: Array) -> Array:
    along = b - a
    square = float(along @ along)
    share = np.clip((points - a) @ along / square, 0, 1) if square else np.zeros(len(points))
    far: Array = np.linalg.norm(points - a - share[:, None] * along, axis=1)
    return far


def _triangulated(figure: shapely.Geometry) -> tuple[list[Corner], Index]:
    """Return the corners of a figure and its Delaunay triangles (T, 3) that keep its edges."""
    if figure.is_empty:
        return [], np.zeros((0, 3), np.int64)
    triangles = shapely.get_parts(shapely.constrained_delaunay_triangles(figure))
    rings = np.array([shapely.get_coordinates(triangle)[:3] for triangle in triangles])
    corners, number = np.unique(rings.reshape(-1, 2), axis=0, return_inverse=True)
    return [tuple(corner) for corner in corners.tolist()], number.reshape(-1, 3)


def _heights(floors: Floors, members: Index, corner: tuple[float, float], size: float) -> Heights:
    i, j = floors.i[members], floors.j[members]
    low = np.array([i.min(), j.min()])
    grid = np.full((int(i.max() - low[0]) + 1, int(j.max() - low[1]) + 1), math.nan)
    grid[i - low[0], j - low[1]] = floors.height[members]
    start = (corner[0] + float(low[0]) * size, corner[1] + float(low[1]) * size)
    return Heights(start, size, grid)


class _Knots:
    """Heights of corners: the same for all charts that meet there."""

    def __init__(self, floors: Floors, chart: Index, climb: float) -> None:
        self._climb = climb
        self._known: dict[Corner, list[float]] = {}
        self._places: dict[Corner, list[tuple[int, float]]] = {}
        cells = (floors.i, floors.j, chart, floors.height)
        for i, j, number, height in zip(*(values.tolist() for values in cells), strict=True):
            self._places.setdefault((i, j), []).append((number, height))

    def at(self, x: float, z: float, chart: int) -> tuple[float, float, float]:
        """Return a corner with the mean height (m) of a chart's places around it. If another chart
        gave it a height that differs by at most a step, that height is used."""
        i, j = round(x), round(z)
        near = [
            height
            for cell in ((i, j), (i - 1, j), (i, j - 1), (i - 1, j - 1))
            for number, height in self._places.get(cell, ())
            if number == chart
        ]
        mean = sum(near) / len(near)
        known = self._known.setdefault((i, j), [])
        for height in known:
            if abs(height - mean) <= self._climb:
                return x, height, z
        known.append(mean)
        return x, mean, z
