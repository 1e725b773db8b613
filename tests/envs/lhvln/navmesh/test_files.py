"""A surface that is written is read back the same, and walks the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from longhaul.envs.lhvln.navmesh.files import read_surface, write_surface
from longhaul.envs.lhvln.navmesh.navigation import SurfaceNavigation
from longhaul.envs.lhvln.navmesh.surface import Surface
from tests.envs.lhvln.navmesh.worlds import navigation, two_stories


def test_a_surface_is_read_back_with_its_stairs(tmp_path: Path) -> None:
    made = navigation(*two_stories(), agent_radius=0.2)
    write_surface(tmp_path / "one.npz", made.surface)
    read = SurfaceNavigation(read_surface(tmp_path / "one.npz"))
    assert (read.surface.vertices == made.surface.vertices).all()
    assert (read.surface.triangles == made.surface.triangles).all()
    one = other = np.array([0.7, 0.0, 0.6])
    for _ in range(40):
        one, other = made.move(one, one + [0.2, 0, 0]), read.move(other, other + [0.2, 0, 0])  # noqa: RUF005
        assert other == pytest.approx(one, abs=1e-6)
    assert other[1] == pytest.approx(2.6, abs=1e-6)


def test_the_largest_part_alone_is_one_island(tmp_path: Path) -> None:
    made = navigation(*two_stories(steps=6), agent_radius=0.2).surface
    largest = made.largest()
    assert set(largest.islands.tolist()) == {0} != set(made.islands.tolist())
    assert largest.areas.sum() == pytest.approx(made.areas[made.islands == 0].sum())
    middle = largest.vertices[largest.triangles[0]].mean(axis=0)
    spot = made.nearest(middle)
    assert spot is not None
    assert largest.height(0, middle[0], middle[2]) == pytest.approx(spot.y)


def test_triangles_alone_are_a_surface(tmp_path: Path) -> None:
    corners = [[0, 0, 0], [1, 0, 0], [0, 0, 1]]
    np.savez(tmp_path / "one.npz", vertices=corners, triangles=[[0, 1, 2]])
    assert isinstance(read_surface(tmp_path / "one.npz"), Surface)


def test_another_file_is_none(tmp_path: Path) -> None:
    np.savez(tmp_path / "one.npz", something=[1])
    with pytest.raises(ValueError, match="is no surface"):
        read_surface(tmp_path / "one.npz")
