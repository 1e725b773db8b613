"""Walking and measuring on surfaces whose answers can be worked out, or that another finds."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
import shapely.affinity
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from longhaul.envs.lhvln.navmesh.navigation import SurfaceNavigation
from longhaul.envs.lhvln.navmesh.surface import Surface

OUTSIDE = [(0, 0), (10, 0), (10, 8), (0, 8)]
HOLES = [[(2, 2), (4, 2), (4, 6), (2, 6)], [(6, 0.5), (7, 0.5), (7, 5), (6, 5)]]
YARD = shapely.Polygon(OUTSIDE, HOLES)

places = st.tuples(st.floats(0.01, 9.99), st.floats(0.01, 7.99))
inside = places.filter(lambda p: YARD.contains(shapely.Point(p)))


def surface_of(figure: shapely.Polygon) -> Surface:
    triangles = shapely.get_parts(shapely.constrained_delaunay_triangles(figure))
    corners = np.concatenate([shapely.get_coordinates(t)[:3] for t in triangles])
    flat = np.column_stack([corners[:, 0], np.zeros(len(corners)), corners[:, 1]])
    return Surface(flat, np.arange(len(flat)).reshape(-1, 3))


NAVIGATION = SurfaceNavigation(surface_of(YARD))


def shortest(start: tuple[float, float], goal: tuple[float, float]) -> float:
    """Return the shortest way in the yard over its visibility graph, which shapely sees."""
    points = [start, goal, *(corner for hole in HOLES for corner in hole), *OUTSIDE]
    pairs = [(a, b) for a in range(len(points)) for b in range(a)]
    seen = [(a, b) for a, b in pairs if YARD.covers(shapely.LineString([points[a], points[b]]))]
    lengths = [math.dist(points[a], points[b]) for a, b in seen]
    a, b = np.array(seen).T
    graph = coo_array((lengths, (a, b)), (len(points), len(points)))
    return float(dijkstra(graph, directed=False, indices=0)[1])


def up(point: tuple[float, float]) -> NDArray[np.float64]:
    return np.array([point[0], 0.0, point[1]])


@given(inside, inside)
@settings(deadline=None)
def test_distances_are_those_of_the_visibility_graph(
    start: tuple[float, float], goal: tuple[float, float]
) -> None:
    found = NAVIGATION.distance(up(start), up(goal))
    assert found == pytest.approx(shortest(start, goal), abs=1e-6)


@given(inside, inside)
@settings(deadline=None)
def test_paths_stay_inside_and_add_up(
    start: tuple[float, float], goal: tuple[float, float]
) -> None:
    path = NAVIGATION.path(up(start), up(goal))
    assert path is not None
    line = shapely.LineString(path[:, [0, 2]]) if len(path) > 1 else shapely.Point(start)
    assert YARD.buffer(1e-6).covers(line)
    length = np.linalg.norm(np.diff(path, axis=0), axis=1).sum()
    assert length == pytest.approx(NAVIGATION.distance(up(start), up(goal)), abs=1e-9)


@given(inside, st.floats(0, 2 * math.pi), st.floats(0.0, 1.0), st.booleans())
@settings(deadline=None)
def test_moves_stay_inside_and_reach_what_is_free(
    start: tuple[float, float], angle: float, length: float, sliding: bool
) -> None:
    end = start[0] + length * math.cos(angle), start[1] + length * math.sin(angle)
    x, _, z = NAVIGATION.move(up(start), up(end), sliding)
    assert YARD.buffer(1e-6).covers(shapely.Point(x, z))
    way = shapely.LineString([start, end])
    if YARD.covers(way):
        assert (x, z) == pytest.approx(end, abs=1e-6)
    elif not sliding:
        assert way.buffer(1e-6).covers(shapely.Point(x, z))
        assert YARD.exterior.union(YARD.boundary).distance(shapely.Point(x, z)) < 1e-6


ROOM = SurfaceNavigation(surface_of(shapely.box(0, 0, 1, 1)))


@given(*[st.tuples(st.floats(0.01, 0.99), st.floats(0.01, 0.99))] * 2, st.floats(-1.5, 1.5))
@settings(deadline=None)
def test_a_move_slides_to_the_point_of_a_convex_room_nearest_to_its_aim(
    start: tuple[float, float], aim: tuple[float, float], away: float
) -> None:
    end = aim[0] + away, aim[1] - away / 3
    x, y, z = ROOM.move(up(start), up(end))
    assert (x, z) == pytest.approx(np.clip(end, 0, 1), abs=1e-9) and y == 0


FAR_YARD = shapely.affinity.translate(YARD, -13.3, -7.7)
FAR_NAVIGATION = SurfaceNavigation(surface_of(FAR_YARD))
SMALL_YARD = shapely.affinity.scale(YARD, 0.1, 0.1, origin=(0, 0))
SMALL_NAVIGATION = SurfaceNavigation(surface_of(SMALL_YARD))


@given(inside, inside)
@settings(deadline=None)
def test_distances_grow_with_the_yard(
    start: tuple[float, float], goal: tuple[float, float]
) -> None:
    """What is seen of a yard of 1 x 0.8 m is what is seen of one of 10 x 8 m."""
    found = SMALL_NAVIGATION.distance(0.1 * up(start), 0.1 * up(goal))
    assert 10 * found == pytest.approx(shortest(start, goal), abs=1e-4)


@given(inside, inside, places)
@settings(deadline=None)
def test_the_answers_do_not_depend_on_where_the_yard_lies(
    start: tuple[float, float], goal: tuple[float, float], point: tuple[float, float]
) -> None:
    """Nor on the sign of the coordinates."""
    shift = np.array([-13.3, 0.0, -7.7])
    here, there = NAVIGATION, FAR_NAVIGATION
    a, b, c = up(start), up(goal), up(point)
    assert there.distance(a + shift, b + shift) == pytest.approx(here.distance(a, b), abs=1e-6)
    assert there.clearance(a + shift) == pytest.approx(here.clearance(a), abs=1e-9)
    for sliding in (False, True):
        moved = there.move(a + shift, a + shift + 0.1 * (b - a), sliding) - shift
        assert moved == pytest.approx(here.move(a, a + 0.1 * (b - a), sliding), abs=1e-6)
    found, known = there.snap(c + shift), here.snap(c)
    assert found is not None and known is not None
    assert math.dist(found - shift, c) == pytest.approx(math.dist(known, c), abs=1e-9)


@given(inside)
@settings(deadline=None)
def test_clearance_is_the_distance_to_the_boundary(point: tuple[float, float]) -> None:
    expected = min(YARD.boundary.distance(shapely.Point(point)), 2.0)
    assert NAVIGATION.clearance(up(point)) == pytest.approx(expected, abs=1e-9)


@given(places)
@settings(deadline=None)
def test_what_is_navigable_is_inside(point: tuple[float, float]) -> None:
    off = YARD.distance(shapely.Point(point))
    if abs(off - 0.01) > 1e-6:
        assert NAVIGATION.is_navigable(up(point)) == (off < 0.01)
    snapped = NAVIGATION.snap(up(point))
    assert snapped is not None
    assert math.dist(snapped[[0, 2]], point) == pytest.approx(off, abs=1e-9)


@given(inside, st.lists(inside, min_size=2, max_size=5))
@settings(deadline=None)
def test_the_nearest_of_several_goals_is_the_end_of_the_path(
    start: tuple[float, float], goals: list[tuple[float, float]]
) -> None:
    """Whichever goals are in sight, and in whatever order they are given."""
    least = min(shortest(start, goal) for goal in goals)
    for given_goals in (goals, goals[::-1]):
        found = NAVIGATION.distance(up(start), np.array([up(goal) for goal in given_goals]))
        assert found == pytest.approx(least, abs=1e-6)


def test_the_nearest_of_several_goals_counts() -> None:
    goals = np.array([[9.0, 0, 7.0], [1.0, 0, 7.0], [9.0, 0, 1.0]])
    each = [NAVIGATION.distance((1, 0, 1), goal) for goal in goals]
    assert NAVIGATION.distance((1, 0, 1), goals) == pytest.approx(min(each))


def test_what_is_far_from_the_surface_is_nowhere() -> None:
    assert NAVIGATION.snap((-5, 0, 3)) is None
    assert NAVIGATION.distance((-5, 0, 3), (1, 0, 1)) == math.inf
    assert NAVIGATION.distance((1, 0, 1), (-5, 0, 3)) == math.inf
    assert NAVIGATION.path((1, 0, 1), (-5, 0, 3)) is None


def test_random_points_fill_the_largest_part_evenly() -> None:
    far = shapely.Polygon([(20, 0), (21, 0), (21, 1), (20, 1)])
    surfaces = [surface_of(YARD), surface_of(far)]
    corners = np.concatenate([s.vertices[s.triangles].reshape(-1, 3) for s in surfaces])
    found = SurfaceNavigation(Surface(corners, np.arange(len(corners)).reshape(-1, 3)))
    rng = np.random.default_rng(0)
    points = np.array([found.random_point(rng) for _ in range(4000)])[:, [0, 2]]
    assert shapely.covers(YARD.buffer(1e-9), shapely.points(points)).all()
    left = shapely.box(0, 0, 2, 8)
    share = (points[:, 0] < 2).mean()
    assert share == pytest.approx(left.area / YARD.area, abs=0.03)


def test_another_island_is_not_walked_to() -> None:
    parts = [shapely.box(0, 0, 1, 1), shapely.box(1.05, 0, 2, 1)]
    corners = np.concatenate(
        [s.vertices[s.triangles].reshape(-1, 3) for s in map(surface_of, parts)]
    )
    found = SurfaceNavigation(Surface(corners, np.arange(len(corners)).reshape(-1, 3)))
    assert found.move((0.9, 0, 0.5), (1.1, 0, 0.5)).tolist() == [0.9, 0, 0.5]
    assert found.island((1.5, 0, 0.5)) != found.island((0.5, 0, 0.5))


def test_a_map_from_above_shows_what_lies_on_the_surface() -> None:
    """A cell is that of its corner of least x and z; corners on an edge count."""
    cells, corner = NAVIGATION.top_down(0.0, 0.25)
    assert cells.shape == (32, 40) and corner.tolist() == [0, 0, 0]
    z, x = np.indices(cells.shape) * 0.25
    assert (cells == shapely.intersects_xy(YARD, x, z)).all()
    assert NAVIGATION.top_down(0.0)[0].shape == (160, 200)


def test_a_map_shows_the_story_at_its_height() -> None:
    for height, shown in ((0.5, True), (-0.5, True), (0.51, False), (-0.51, False), (3.0, False)):
        assert NAVIGATION.top_down(height, 0.5)[0].any() == shown


def test_a_surface_without_area_is_refused() -> None:
    with pytest.raises(ValueError, match="no area"):
        Surface([[0, 0, 0], [1, 0, 0], [2, 0, 0]], [[0, 1, 2]])
