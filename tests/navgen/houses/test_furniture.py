"""Every category, built several times: whole, outward, light, and standing where it belongs."""

import numpy as np
import pytest
import trimesh

from longhaul.navgen.houses.bake import bake
from longhaul.navgen.houses.furniture import CATALOG
from longhaul.navgen.houses.gallery import LABEL_PX, TILE_COLUMNS, TILE_PX, draw_gallery
from longhaul.navgen.houses.model import Model, furniture
from longhaul.navgen.houses.paint import draw_atlas
from tests.navgen.houses.rays import first_hits

SEEDS = range(3)
MOST_TRIANGLES = 600
every_category = pytest.mark.parametrize("category", CATALOG)


def build(category: str, seed: int = 0) -> Model:
    return CATALOG[category].build(np.random.default_rng(seed))


def test_there_is_a_home_full_of_categories() -> None:
    portable = [name for name, item in CATALOG.items() if item.portable]
    assert len(CATALOG) >= 60
    assert len(portable) >= 20


@every_category
def test_models_are_light_and_touch_what_carries_them(category: str) -> None:
    for seed in SEEDS:
        model = build(category, seed)
        low, high = model.bounds()
        contact = {"wall": low[2], "ceiling": high[1]}.get(CATALOG[category].mount, low[1])
        assert contact == pytest.approx(0.0, abs=1e-9)
        assert model.triangles() <= MOST_TRIANGLES
        assert 0.01 < (high - low).max() < 3.0


@every_category
def test_triangles_face_outwards(category: str) -> None:
    for solid in build(category).solids:
        shape = trimesh.Trimesh(solid.positions, solid.faces, process=False)
        agreement = np.einsum(
            "fi,fi->f", shape.face_normals, solid.normals[solid.faces].mean(axis=1)
        )
        assert agreement.min() > 0.0
        shape.merge_vertices(merge_tex=True, merge_norm=True)
        assert not shape.is_watertight or shape.volume > 0.0


@every_category
def test_nothing_floats(category: str) -> None:
    """The boxes of all solids, 2 cm wider, are one cluster, or several that all stand."""
    solids = build(category).solids
    lows = np.array([solid.positions.min(axis=0) for solid in solids]) - 0.01
    highs = np.array([solid.positions.max(axis=0) for solid in solids]) + 0.01
    touching = ((lows[:, None] <= highs) & (highs[:, None] >= lows)).all(axis=2)
    cluster = trimesh.graph.connected_component_labels(
        np.argwhere(touching), node_count=len(solids)
    )
    stands = CATALOG[category].mount in ("floor", "surface", "flat")
    held = cluster[lows[:, 1] < 0.0] if stands else [0]
    assert set(held) == set(cluster)


@every_category
def test_nobody_sees_the_back_of_a_triangle(category: str) -> None:
    """Hardly a ray from the sides that can be seen meets the inside of a hollow solid."""
    model, rng = build(category, 1), np.random.default_rng(0)
    corners = np.concatenate([solid.positions[solid.faces] for solid in model.solids])
    low, high = model.bounds()
    ways = rng.normal(size=(100, 3))
    axis, sign = {"wall": (2, 1), "ceiling": (1, -1)}.get(CATALOG[category].mount, (1, 1))
    ways[:, axis] = sign * np.abs(ways[:, axis])
    eyes = (low + high) / 2 + 3.0 * (high - low).max() * ways / np.linalg.norm(ways, axis=1)[
        :, None
    ]
    targets = low + rng.random((100, 3)) * (high - low)
    facing = first_hits(corners, eyes, targets - eyes)[1]
    assert (facing > 0.0).sum() >= 5
    assert (facing < 0.0).sum() <= 2


@every_category
def test_supports_lie_on_a_surface(category: str) -> None:
    model = build(category)
    corners = np.concatenate([solid.positions[solid.faces] for solid in model.solids])
    for support in model.supports:
        for x in support.x:
            for z in support.z:
                assert highest(corners, x, z, support.y + 0.06) == pytest.approx(
                    support.y, abs=0.02
                )


def highest(corners: np.ndarray, x: float, z: float, ceiling: float) -> float:
    """Return the highest point below `ceiling` of triangles (F, 3, 3) on a vertical line."""
    flat = corners * [1, 0, 1]
    areas = np.linalg.norm(np.cross(flat[:, 1] - flat[:, 0], flat[:, 2] - flat[:, 0]), axis=1)
    level = areas > 1e-9
    points = np.tile([x, 0.0, z], (level.sum(), 1))
    weights = trimesh.triangles.points_to_barycentric(flat[level], points)
    inside = (weights > -1e-6).all(axis=1)
    heights = (weights[inside] * corners[level][inside][:, :, 1]).sum(axis=1)
    return float(heights[heights < ceiling].max())


def test_the_same_seed_builds_the_same_model() -> None:
    first, second = (bake(build("bookshelf", 7).solids) for _ in range(2))
    assert np.array_equal(first.positions, second.positions)
    assert np.array_equal(first.uvs, second.uvs)
    other = bake(build("bookshelf", 8).solids)
    assert not np.array_equal(first.uvs, other.uvs)


@pytest.mark.parametrize("seed", range(4))
def test_a_fitted_kitchen_of_one_seed_matches(seed: int) -> None:
    counter, sink, cabinet, dishwasher = (
        build(name, seed).solids
        for name in ("kitchen counter", "kitchen sink", "kitchen cabinet", "dishwasher")
    )
    assert {solid.paint for solid in counter} <= {solid.paint for solid in sink}
    assert {solid.paint for solid in cabinet} <= {solid.paint for solid in counter}
    tops = [
        max(solids, key=lambda solid: solid.positions[:, 1].max())
        for solids in (counter, dishwasher)
    ]
    assert tops[0].paint == tops[1].paint


@every_category
def test_paints_lie_within_the_atlas(category: str) -> None:
    uvs = bake(build(category).solids).uvs
    assert uvs.min() > 0.0 and uvs.max() < 1.0


def test_the_atlas_is_small() -> None:
    atlas = draw_atlas(np.random.default_rng(0))
    assert atlas.shape[0] <= 512 and atlas.shape[1] <= 512


def test_a_mount_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="kite: mount 'sky': choose one of floor"):
        furniture("kite", mount="sky")


def test_the_gallery_shows_every_category() -> None:
    items = [CATALOG[name] for name in ("sofa", "picture", "chandelier")]
    sheet = draw_gallery(0, items)
    assert sheet.shape == (TILE_PX + LABEL_PX, TILE_COLUMNS * TILE_PX, 3)
    for index in range(3):
        tile = sheet[:TILE_PX, index * TILE_PX : (index + 1) * TILE_PX]
        assert 0.03 < (tile < 250).any(axis=2).mean() < 0.95
    assert (sheet[:TILE_PX, 3 * TILE_PX :] == 255).all()
