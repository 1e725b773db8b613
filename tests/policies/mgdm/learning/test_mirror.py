"""A mirrored house is a house: its waypoints are those of the other, left and right swapped."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

from longhaul.policies.mgdm.decision.waypoint_features import (
    FEATURE_NAMES,
    WAYPOINT_FEATURES,
    waypoint_rows,
)
from longhaul.policies.mgdm.learning.feature_dataset import COLUMNS, WAYPOINTS
from longhaul.policies.mgdm.learning.mirror import mirrored
from longhaul.policies.mgdm.mapping.episode_map import EpisodeMap
from longhaul.policies.mgdm.mapping.occupancy_map import GRID_SIDE
from longhaul.policies.mgdm.mapping.shortest_paths import ShortestPaths
from longhaul.policies.mgdm.mapping.waypoints import FRONTIER, Waypoints
from longhaul.policies.mgdm.perception.observations import ACTION_COUNT, POSE, TURN_LEFT, TURN_RIGHT
from longhaul.policies.mgdm.perception.relative_pose import offsets, pose_features
from tests.policies.mgdm.mapping.test_waypoints import found, mapped
from tests.policies.mgdm.walks import ABOVE, BELOW, walk


def batch_of(rows: torch.Tensor, seed: int = 0) -> dict[str, torch.Tensor]:
    """Return two windows with these waypoints (2, T, n, features)."""
    drawn = torch.Generator().manual_seed(seed)
    steps = rows.shape[1]
    return {
        COLUMNS: torch.randn(2, steps, 24, 5, generator=drawn),
        WAYPOINTS: rows,
        POSE: 3 * torch.randn(2, steps, 4, generator=drawn),
        "keyframe": 3 * torch.randn(2, steps, 4, generator=drawn),
        "actions": torch.randint(0, ACTION_COUNT, (2, steps, 1), generator=drawn),
    }


def test_twice_is_once_too_often() -> None:
    batch = batch_of(torch.randn(2, 3, 4, WAYPOINT_FEATURES + 6))
    which = torch.tensor([True, False])
    once = mirrored(batch, which)
    again = mirrored(once, which)
    for name, value in batch.items():
        assert torch.equal(again[name], value), name
        assert torch.equal(once[name][1], value[1]), name
        assert name == "keyframe" or not torch.equal(once[name][0], value[0]), name
    assert torch.equal(once["actions"][0] == TURN_LEFT, batch["actions"][0] == TURN_RIGHT)
    assert torch.equal(once[COLUMNS][0, :, 0], batch[COLUMNS][0, :, -1])


def test_what_is_remembered_of_places_is_mirrored_too() -> None:
    batch = batch_of(torch.zeros(2, 3, 4, WAYPOINT_FEATURES))
    which = torch.tensor([True, False])
    once, later = mirrored(batch, which), mirrored(batch | {POSE: batch["keyframe"]}, which)
    ways = offsets(pose_features(batch[POSE]), pose_features(batch["keyframe"]))
    seen = offsets(pose_features(once[POSE]), pose_features(later[POSE]))
    assert torch.allclose(seen[0], ways[0] * torch.tensor([-1.0, 1.0, 1.0]), atol=1e-5)


@pytest.mark.parametrize("step", [24, 45, 52, 53])
def test_the_numbers_are_those_of_a_house_seen_in_a_mirror(step: int) -> None:
    """The map itself is mirrored, cell by cell, and waypoints found on it anew."""
    walked = walk(BELOW, ABOVE)
    episode_map, pose = mapped(walked, 54), walked.poses[step]
    plain = found(episode_map, ShortestPaths(episode_map.occupancy, pose))
    turned, mirror = reflected(episode_map), pose * np.float32([-1, 1, 1, -1])
    other = found(turned, ShortestPaths(turned.occupancy, mirror))
    rows = torch.from_numpy(features(plain)).expand(2, 1, -1, -1)
    expected = mirrored(batch_of(rows), torch.tensor([True, True]))[WAYPOINTS][0, 0].numpy()
    pairs = matched(plain, other)
    things = plain.kind != FRONTIER
    size = FEATURE_NAMES.index("frontier_size")
    assert {a for a, _ in pairs} >= set(np.flatnonzero(things)) and things.sum() > 8
    assert len(pairs) > things.sum()  # the blocks of frontiers are not mirrored
    for a, b in pairs:
        alike = np.isclose(expected[a], features(other)[b], atol=1e-4)
        alike[size] |= not things[a]
        assert alike.all(), (expected[a], features(other)[b])


def features(waypoints: Waypoints) -> np.ndarray:
    """Return the network's input of waypoints, without the evidence around them."""
    no_words = np.zeros((2, 0), np.float32)
    return waypoint_rows(waypoints, no_words, no_words, len(waypoints))


def reflected(episode_map: EpisodeMap) -> EpisodeMap:
    """Return a map in which x is -x; a cell's edge is at 0."""
    turned = copy.deepcopy(episode_map)
    occupancy = turned.occupancy
    for name in ("_seen", "_assumed", "stood", "_collided_at", "_visited"):
        setattr(occupancy, name, getattr(occupancy, name)[:, ::-1].copy())
    low_row, low_column, high_row, high_column = occupancy._box
    occupancy._box = low_row, GRID_SIDE - 1 - high_column, high_row, GRID_SIDE - 1 - low_column
    across = np.float32([-1, 1, 1])
    assert occupancy._origin is not None
    occupancy._origin = occupancy._origin * across
    points, things = episode_map.semantic.points, episode_map.semantic.things
    rooms = episode_map.semantic.room_shares
    turned.semantic.clear()
    turned.semantic.origin = episode_map.semantic.origin * across
    turned.semantic.update(points * across, things / 0.7, rooms)
    return turned


def matched(plain: Waypoints, other: Waypoints) -> list[tuple[int, int]]:
    """Return pairs of a waypoint and its mirror image, of one kind."""
    pairs = []
    for a, (point, kind) in enumerate(zip(plain.position, plain.kind, strict=True)):
        gap = np.linalg.norm(other.position - point * np.float32([-1, 1, 1]), axis=1)
        alike = other.kind == kind
        b = int(np.where(alike, gap, np.inf).argmin())
        if alike[b] and gap[b] < 0.01:
            pairs.append((a, b))
    return pairs
