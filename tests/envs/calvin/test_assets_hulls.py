"""Hulls with few corners."""

from __future__ import annotations

import numpy as np
import trimesh

from longhaul.envs.calvin.assets.hulls import simplified


def test_a_simplified_hull_keeps_the_shape_within_the_tolerance() -> None:
    points = np.asarray(trimesh.creation.icosphere(subdivisions=3, radius=0.1).vertices)
    for tolerance in (0.02, 0.005, 0.001):
        few = simplified(points, tolerance)
        assert len(few) < len(points) and {tuple(p) for p in few} <= {tuple(p) for p in points}
        hull = trimesh.convex.convex_hull(few)
        # No point of the sphere stands out of a face by much more than the tolerance.
        origins, normals = hull.triangles[:, 0], hull.face_normals
        outside = np.einsum("fpc,fc->fp", points[None] - origins[:, None], normals).max()
        assert 0 < outside < 1.5 * tolerance
    assert len(simplified(points, 0.005)) > len(simplified(points, 0.02))


def test_corners_that_matter_stay() -> None:
    corners = np.array([(x, y, z) for x in (0, 1) for y in (0, 2) for z in (0, 3)], float)
    inside = np.random.default_rng(0).uniform(0.1, 0.9, (50, 3))
    few = simplified(np.concatenate([inside, corners]), 1e-6)
    assert sorted(map(tuple, few)) == sorted(map(tuple, corners))
