"""The quick computations over the map equal the plain ones, on maps drawn at random."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longhaul.policies.mgdm.mapping.occupancy_map import GRID_SIDE, GROUND_BIT, OccupancyMap
from longhaul.policies.mgdm.mapping.semantic_map import SemanticMap
from longhaul.policies.mgdm.mapping.shortest_paths import ISLAND_NODES, ShortestPaths
from longhaul.policies.mgdm.mapping.waypoints import _frontiers, _standing_nodes
from longhaul.policies.mgdm.perception.backprojection import nearer
from tests.policies.mgdm.mapping import plain

MIDDLE = GRID_SIDE // 2
SEEDS = st.integers(0, 2**32 - 1)
few = settings(max_examples=15, deadline=None)


def house(seed: int, sparse: bool = False) -> tuple[OccupancyMap, np.ndarray]:
    """Return a map of some 20 x 20 cells with floors on two stories, obstacles, holes, collisions
    and places where the robot stood, and a pose in it."""
    rng = np.random.default_rng(seed)
    occupancy = OccupancyMap(128)
    pose = np.float32([*rng.uniform(-1, 1, 3), rng.uniform(-3, 3)])
    occupancy._origin, occupancy._step = pose[:3].copy(), 60
    side = int(rng.integers(12, 28))
    low_row, low_column = (int(MIDDLE - rng.integers(1, side - 1)) for _ in range(2))
    occupancy._box = low_row, low_column, low_row + side - 1, low_column + side - 1
    block = np.s_[low_row : low_row + side, low_column : low_column + side]
    floor = GROUND_BIT + rng.integers(-1, 3, (side, side)) * (rng.random((side, side)) < 0.2)
    seen = (np.uint64(1) << floor.astype(np.uint64)) * (rng.random((side, side)) < 0.8)
    upstairs = rng.random((side, side)) < 0.3
    seen |= (np.uint64(1) << np.uint64(GROUND_BIT + 22)) * upstairs
    obstacle = np.uint64(1) << rng.integers(GROUND_BIT, 64, (side, side)).astype(np.uint64)
    seen |= obstacle * (rng.random((side, side)) < rng.choice([0.02, 0.1, 0.6]))
    occupancy._seen[block] = seen * (rng.random((side, side)) < 0.1) if sparse else seen
    ground = np.uint64(1 << GROUND_BIT)
    occupancy._assumed[block] = ground * (rng.random((side, side)) < (0.02 if sparse else 0.3))
    occupancy.stood[block] = ground * (rng.random((side, side)) < 0.03)
    occupancy.stood[MIDDLE, MIDDLE] |= ground * np.uint64(9 if sparse else 1)  # a jump up, too
    occupancy._visited[block] = ground * (rng.random((side, side)) < 0.2)
    occupancy.levels = np.uint64(rng.choice([0, 1 << GROUND_BIT]))
    occupancy._collided_at[block] = rng.choice([-50, 5, 20], (side, side), p=[0.9, 0.05, 0.05])
    return occupancy, pose


def semantic(seed: int, origin: np.ndarray) -> tuple[SemanticMap, np.random.Generator]:
    """Return a map of five things, of two updates around an origin, more than its first rows."""
    rng = np.random.default_rng(seed)
    evidence = SemanticMap(5, 3)
    evidence.origin = origin
    for _ in range(2):
        add(evidence, rng)
    return evidence, rng


def add(evidence: SemanticMap, rng: np.random.Generator) -> None:
    points = evidence.origin + rng.uniform(-3, 3, (400, 3)).astype(np.float32)
    evidence.update(points, *(rng.dirichlet(np.ones(n), 400).astype(np.float32) for n in (5, 3)))


@few
@given(SEEDS, st.booleans())
def test_floors_and_paths_equal_the_plain_ones(seed: int, sparse: bool) -> None:
    """With `sparse` maps the robot is on an island, from which it may jump."""
    occupancy, pose = house(seed, sparse)
    found, cells = ShortestPaths(occupancy, pose), plain.floor_cells(occupancy)
    for ours, theirs in zip(found.floors, zip(*cells, strict=True), strict=False):
        assert ours.tolist() == list(theirs)
    start = found._nearest(pose)
    distance, before = plain.shortest_paths(cells, start)
    if np.isfinite(distance).sum() < ISLAND_NODES:
        near = [
            node
            for node, (row, column, bit, *_) in enumerate(cells)
            if max(abs(row - cells[start][0]), abs(column - cells[start][1])) <= 2
            and abs(bit - cells[start][2]) <= 3
            and node != start
        ]
        distance, before = plain.shortest_paths(cells, start, near)
    assert np.array_equal(found.distance, distance) and np.array_equal(found._before, before)
    for node in range(len(cells)):
        assert found._lookahead(node) == plain.lookahead(before, node)


@few
@given(SEEDS)
def test_waypoints_stand_where_the_plain_ones_do(seed: int) -> None:
    occupancy, pose = house(seed)
    evidence, rng = semantic(seed, pose[:3])
    found = ShortestPaths(occupancy, pose)
    rows = rng.choice(len(evidence.things), 200, replace=False)
    nodes, gaps = _standing_nodes(found, evidence, rows)
    ours = [None if n < 0 else (n, g) for n, g in zip(nodes.tolist(), gaps, strict=True)]
    assert ours == plain.standing_nodes(found, evidence, rows)
    episode_map = SimpleNamespace(occupancy=occupancy)
    ours = [tuple(pair) for pair in np.transpose(_frontiers(episode_map, found)).tolist()]
    assert ours == plain.frontiers(episode_map, found)


@few
@given(SEEDS)
def test_of_nodes_that_are_almost_equally_near_the_nearest_is_found(seed: int) -> None:
    """They stand on a circle around each thing, so that only rounding tells them apart."""
    evidence, rng = semantic(seed, np.zeros(3, np.float32))
    rows = rng.choice(len(evidence.things), 12, replace=False)
    angle = rng.uniform(-4, 4, (len(rows), 50, 1))
    circle = np.concatenate([np.cos(angle), np.zeros_like(angle), np.sin(angle)], -1)
    points = (evidence.points[rows][:, None] + 0.05 * circle).reshape(-1, 3).astype(np.float32)
    found = SimpleNamespace(points=points, distance=rng.choice([1.0, 1 + 1e-9], len(points)))
    nodes, gaps = _standing_nodes(found, evidence, rows)
    ours = list(zip(nodes.tolist(), gaps, strict=True))
    assert ours == plain.standing_nodes(found, evidence, rows)


@few
@given(SEEDS, st.floats(0.3, 2))
def test_evidence_equals_the_plain_one(seed: int, distance: float) -> None:
    evidence, rng = semantic(seed, np.zeros(3, np.float32))
    selectable = np.float32([1, 0, 1, 1, 0])
    for kinds in (selectable, selectable, 1 - selectable):
        add(evidence, rng)
        assert np.array_equal(evidence.surest(kinds), (evidence.things * kinds).max(1))
    points = evidence.origin + rng.uniform(-4, 4, (9, 3)).astype(np.float32)
    near = evidence.things_near(points, distance)
    assert np.array_equal(near, plain.things_near(evidence, points, distance))
    score = evidence.things[:, 0] * (rng.random(len(evidence.things)) < 0.5)
    taken = rng.choice(len(score), 3)
    ours = evidence.peaks(score, 12, distance, taken)
    assert ours.tolist() == plain.peaks(evidence, score, 12, distance, taken)


@pytest.mark.parametrize("kinds", (0, 1))
def test_the_surest_evidence_is_forgotten_with_the_episode(kinds: int) -> None:
    evidence, rng = semantic(1, np.zeros(3, np.float32))
    selectable = np.full(5, kinds, np.float32)
    evidence.surest(selectable)
    evidence.clear()
    add(evidence, rng)
    assert np.array_equal(evidence.surest(selectable), (evidence.things * selectable).max(1))


@few
@given(SEEDS)
def test_evidence_is_kept_cell_by_cell(seed: int) -> None:
    evidence, rng = SemanticMap(5, 3), np.random.default_rng(seed)
    theirs: dict[tuple[int, ...], np.ndarray] = {}
    for count in (1, 200, 400):
        points = rng.uniform(-2, 2, (count, 3)).astype(np.float32)
        things, rooms = (rng.dirichlet(np.ones(n), count).astype(np.float32) for n in (5, 3))
        evidence.update(points, things, rooms)
        plain.add_patches(theirs, evidence, points, things)
    cells = [tuple(cell) for cell in evidence._cell[: len(evidence.things)].tolist()]
    assert set(cells) == set(theirs)
    assert np.array_equal(evidence.things, np.array([theirs[cell] for cell in cells]))


@given(SEEDS, st.floats(0.1, 8))
def test_what_is_nearer_is_what_hypot_says(seed: int, distance: float) -> None:
    """Also just at the distance, and for depths that are no numbers."""
    rng = np.random.default_rng(seed)
    angle = rng.uniform(-4, 4, 300)
    length = distance * (1 + rng.choice([0, 1e-8, 1e-7, 1e-6, 3e-6, 1e-5, 0.3], 300))
    length *= rng.choice([0, 1, 1 - 1e-7, 1 - 1e-6, 1 - 1e-5, np.inf, np.nan], 300)
    with np.errstate(invalid="ignore"):
        x, z = ((length * f(angle)).astype(np.float32) for f in (np.cos, np.sin))
        assert np.array_equal(nearer(x, z, distance), np.hypot(x, z) < distance)
