"""From boxes to a surface: what Recast's rules let a robot stand on."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from longhaul.envs.lhvln.navmesh.contours import build_surface
from longhaul.envs.lhvln.navmesh.floors import NO_PLACE, components, find_floors
from longhaul.envs.lhvln.navmesh.settings import Settings
from longhaul.envs.lhvln.navmesh.voxels import voxelize
from longhaul.errors import ConfigError
from tests.envs.lhvln.navmesh.worlds import boxes, floor, navigation, two_stories


def test_a_floor_ends_a_radius_before_its_edge() -> None:
    found = navigation(floor(4.0, 3.0), agent_radius=0.2)
    low, high = found.surface.vertices.min(axis=0), found.surface.vertices.max(axis=0)
    # A cell at the edge of the world is a ledge to Recast: one more is lost.
    assert low[[0, 2]] == pytest.approx([0.25, 0.25], abs=0.051)
    assert high[[0, 2]] == pytest.approx([3.75, 2.75], abs=0.051)
    assert low[1] == pytest.approx(0.0, abs=1e-6) == high[1]


def test_what_is_higher_than_a_step_is_in_the_way() -> None:
    found = navigation(floor(6, 4), ((2, 0, 1), (3, 0.7, 2)), ((4, 0, 1), (5, 0.1, 2)))
    assert not found.is_navigable((2.5, 0, 1.5))
    assert found.is_navigable((4.5, 0, 1.5))
    assert found.move((4.5, 0.1, 1.5), (4.6, 0.1, 1.5))[1] == pytest.approx(0.1)


def test_one_walks_under_what_is_high_and_not_under_what_is_low() -> None:
    low, high = ((1, 1.2, 1), (2, 1.3, 3)), ((3, 2.0, 1), (4, 2.1, 3))
    found = navigation(floor(5, 4), low, high)
    assert not found.is_navigable((1.5, 0, 2))
    assert found.is_navigable((3.5, 0, 2))


@pytest.mark.parametrize(("width", "passes"), [(0.9, True), (0.3, False)])
def test_a_door_lets_through_who_fits(width: float, passes: bool) -> None:
    half = width / 2
    walls = ((3, 0, 0), (3.1, 2.5, 2 - half)), ((3, 0, 2 + half), (3.1, 2.5, 4))
    found = navigation(floor(6, 4), *walls, agent_radius=0.2)
    assert np.isfinite(found.distance((1, 0, 2), (5, 0, 2))) == passes


def test_stairs_join_stories_and_a_robot_goes_up_them_step_by_step() -> None:
    found = navigation(*two_stories(), agent_radius=0.2)
    below, above = (0.7, 0.0, 0.6), (7.0, 2.6, 0.6)
    length = found.distance(below, above)
    assert np.hypot(6.3, 2.6) * 0.95 <= length <= (6.3 + 2.6)
    at, heights = np.array(below), []
    for _ in range(40):
        at = found.move(at, at + np.array([0.2, 0, 0]))
        heights.append(at[1])
    assert at[1] == pytest.approx(2.6, abs=1e-6)
    assert np.diff(heights).min() >= -1e-6
    assert np.diff(heights).max() <= 2 * 2.6 / 14 + 1e-6


def test_stories_lie_above_one_another() -> None:
    found = navigation(*two_stories(), agent_radius=0.2)
    for height in (0.0, 2.6):
        assert found.is_navigable((7.5, height, 4.0))
        spot = found.snap((7.5, height + 0.3, 4.0))
        assert spot is not None and spot[1] == pytest.approx(height, abs=1e-6)
    assert found.distance((7.5, 0, 4.0), (7.5, 2.6, 4.0)) > 8.0


def test_too_steep_a_flight_joins_nothing() -> None:
    found = navigation(*two_stories(steps=6), agent_radius=0.2)
    assert not np.isfinite(found.distance((0.7, 0, 0.6), (7.0, 2.6, 0.6)))


def test_slanted_walls_are_straight() -> None:
    """A floor askew to the grid has steps of cells for edges, of which corners alone are kept."""
    vertices, triangles = boxes(floor(4.0, 3.0))
    turn = trimesh.transformations.rotation_matrix(0.4, [0, 1, 0])[:3, :3]
    surface = build_surface(vertices @ turn.T, triangles, Settings(agent_radius=0.2))
    assert 4 <= len(surface.vertices) <= 16
    assert surface.areas.sum() == pytest.approx(3.5 * 2.5, rel=0.05)


def test_small_tops_vanish() -> None:
    found = navigation(floor(5, 4), ((2, 0, 1), (2.8, 0.5, 1.8)))
    assert set(found.surface.islands.tolist()) == {0}


def test_nowhere_to_stand_is_said() -> None:
    with pytest.raises(ValueError, match="no place"):
        build_surface(*boxes(((0, 0, 0), (0.3, 0.3, 0.3))), Settings())


def test_settings_must_make_sense() -> None:
    with pytest.raises(ConfigError, match="cell_size=0"):
        Settings(cell_size=0)
    with pytest.raises(ConfigError, match="agent_radius=-1"):
        Settings(agent_radius=-1)


def test_a_radius_is_rounded_up_but_for_errors_of_its_division() -> None:
    """0.14 / 0.02 is 7.000000000000001, which rounded up would be eight cells."""
    for radius, size, cells in ((0.14, 0.02, 7), (0.3, 0.1, 3), (0.30003, 0.1, 4), (0.0, 0.1, 0)):
        assert Settings(agent_radius=radius, cell_size=size).radius == cells


def test_the_same_meshes_make_the_same_surface() -> None:
    one, other = (navigation(*two_stories()).surface for _ in range(2))
    assert (one.vertices == other.vertices).all() and (one.triangles == other.triangles).all()


box_in_room = st.tuples(
    st.floats(0, 7),
    st.floats(0, 5),
    st.floats(0.05, 2.0),
    st.floats(0.05, 2.0),
    st.floats(0.1, 2.4),
)


@given(st.lists(box_in_room, max_size=12), st.floats(0, 0.7))
@settings(deadline=None, max_examples=20)
def test_a_surface_covers_the_places_it_is_made_of(
    furniture: list[tuple[float, ...]], yaw: float
) -> None:
    world = [floor(8, 6), *(((x, 0, z), (x + w, h, z + d)) for x, z, w, d, h in furniture)]
    vertices, triangles = boxes(*world)
    turn = trimesh.transformations.rotation_matrix(yaw, [0, 1, 0])[:3, :3]
    vertices = vertices @ turn.T
    wanted = Settings(agent_radius=0.2)
    floors = find_floors(voxelize(vertices, triangles, wanted), wanted)
    assume(len(floors.i))
    surface = build_surface(vertices, triangles, wanted)
    cells = np.bincount(components(floors))
    assert len(cells) == surface.islands.max() + 1
    # Outlines may be simplified by 1.3 cells: less than a cell on average, and both ways.
    edge = (floors.links == NO_PLACE).sum() * wanted.cell_size
    assert surface.areas.sum() == pytest.approx(len(floors.i) * 0.0025, abs=0.03 * edge + 0.01)
