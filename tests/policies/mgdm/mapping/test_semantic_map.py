"""Evidence on the map: what was seen counts more than what was not, stories and peaks lie apart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longhaul.policies.mgdm.mapping.semantic_map import (
    EVIDENCE_DECAY,
    EVIDENCE_GAIN,
    SEMANTIC_CELL_M,
    SEMANTIC_SIDE,
    STORY_HEIGHT_M,
    SemanticMap,
)

THINGS, ROOMS = 3, 2
SOFA = np.float32([1, 0, 0])
LAMP = np.float32([0, 1, 0])
KITCHEN = np.float32([1, 0])


def one(semantic: SemanticMap, point: tuple[float, float, float], thing: np.ndarray) -> None:
    semantic.update(np.float32([point]), thing[None], KITCHEN[None])


def cell_of(point: np.ndarray) -> tuple[int, ...]:
    return tuple(np.floor(point[[0, 2]] / SEMANTIC_CELL_M + 1e-3).astype(int).tolist())


def by_cell(semantic: SemanticMap) -> dict[tuple[int, ...], np.ndarray]:
    """Return the evidence of things by cell, of one story that begins at the origin."""
    return {cell_of(p): t for p, t in zip(semantic.points, semantic.things, strict=True)}


def test_evidence_comes_quickly_and_goes_slowly() -> None:
    semantic = SemanticMap(THINGS, ROOMS)
    known = 0.0
    for shown in (1.0, 0.4, 0.0, 0.9):
        one(semantic, (1.0, 0.3, 1.0), shown * SOFA)
        known += (EVIDENCE_GAIN if shown > known else EVIDENCE_DECAY) * (shown - known)
        assert semantic.things[0, 0] == pytest.approx(known, abs=1e-6)
    assert len(semantic.things) == 1 and semantic.room_shares[0].tolist() == [1, 0]


def test_of_a_cells_patches_the_surest_counts() -> None:
    points = np.float32([[1.0, 0.3, 1.0], [1.05, 0.9, 1.05], [3.0, 0.3, 1.0]])
    things = np.float32([0.2 * SOFA, 0.8 * SOFA, LAMP])
    semantic = SemanticMap(THINGS, ROOMS)
    semantic.update(points, things, np.tile(KITCHEN, (3, 1)))
    both = by_cell(semantic)
    assert both[4, 4] == pytest.approx(EVIDENCE_GAIN * 0.8 * SOFA)
    assert both[12, 4] == pytest.approx(EVIDENCE_GAIN * LAMP)


def test_what_is_above_each_other_is_on_stories_of_its_own() -> None:
    semantic = SemanticMap(THINGS, ROOMS)
    semantic.origin = np.float32([5, 1, -2])
    for floor, thing in ((0, SOFA), (1, LAMP)):
        for above in (0.0, 0.5, 2.4):
            one(semantic, (6.0, 1 + floor * STORY_HEIGHT_M + above, -1.0), thing)
    assert semantic.stories.tolist() == [1, 2]
    assert (semantic.things > 0.5).tolist() == [[True, False, False], [False, True, False]]
    heights = semantic.points[:, 1]
    assert heights.tolist() == pytest.approx([1.0, 1.0 + STORY_HEIGHT_M], abs=1e-5)
    below = np.float32([[6.0, 1.1, -1.0]])
    assert semantic.things_near(below, 0.5)[0, 1] == 0  # the lamp is upstairs
    assert semantic.rooms_near(below, 0.5)[0].tolist() == pytest.approx([1, 0])
    assert not semantic.rooms_near(below + np.float32([4, 0, 0]), 0.5).any()


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), count=st.integers(1, 8), apart=st.floats(0.3, 2.0))
def test_peaks_are_the_highest_that_lie_apart(seed: int, count: int, apart: float) -> None:
    rng = np.random.default_rng(seed)
    semantic = SemanticMap(THINGS, ROOMS)
    points = rng.uniform(-2, 2, (60, 3)).astype(np.float32) + np.float32([0, 2, 0])
    semantic.update(points, rng.random((60, THINGS), np.float32), np.tile(KITCHEN, (60, 1)))
    score = semantic.things[:, 0] * (rng.random(len(semantic.things)) < 0.7)
    taken = np.array([0])
    rows = semantic.peaks(score, count, apart, taken)
    assert len(rows) <= count and (np.diff(score[rows]) <= 0).all() and (score[rows] > 0).all()

    def gap(a: int, b: int) -> float:
        """Return how far cells are apart, inf on different stories."""
        if semantic.stories[a] != semantic.stories[b]:
            return np.inf
        return float(np.linalg.norm((semantic.points[a] - semantic.points[b])[[0, 2]]))

    chosen = [0, *rows.tolist()]
    assert all(gap(a, b) > apart - 1e-4 for i, a in enumerate(chosen) for b in chosen[:i])
    if len(rows) < count:  # then nothing is left that would lie apart
        assert all(min(gap(n, c) for c in chosen) < apart + 1e-4 for n in np.flatnonzero(score))


def test_many_cells_keep_their_own() -> None:
    """The arrays grow as cells are seen; what was known stays."""
    semantic, rng = SemanticMap(THINGS, ROOMS), np.random.default_rng(0)
    points = (
        np.stack(np.meshgrid(np.arange(40), [0.5], np.arange(40)), -1).reshape(-1, 3)
        * SEMANTIC_CELL_M
    )
    things = rng.random((len(points), THINGS)).astype(np.float32)
    for rows in np.array_split(rng.permutation(len(points)), 7):
        rooms = np.tile(KITCHEN, (len(rows), 1))
        semantic.update(points[rows].astype(np.float32), things[rows], rooms)
    assert len(semantic.things) == len(points) > 256
    cells = by_cell(semantic)
    for point, thing in zip(points, things, strict=True):
        np.testing.assert_allclose(cells[cell_of(point)], EVIDENCE_GAIN * thing, rtol=1e-5)
    semantic.clear()
    assert not len(semantic.things) and not len(semantic.points)
    one(semantic, (1e6, 0.0, 0.0), SOFA)  # beyond the map is its edge
    assert semantic.points[0, 0] < SEMANTIC_SIDE * SEMANTIC_CELL_M / 2
