"""A mirrored house is a house: its waypoints are those of the other, left and right swapped."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

from longhaul.policies.mgdm.learning.feature_dataset import COLUMNS, WAYPOINTS
from longhaul.policies.mgdm.learning.mirror import mirrored
from longhaul.policies.mgdm.mapping.episode_map import Survey
from longhaul.policies.mgdm.mapping.occupancy_map import SIDE
from longhaul.policies.mgdm.mapping.shortest_paths import Routes
from longhaul.policies.mgdm.mapping.waypoints import FRONTIER, NUMBERS, Waypoints
from longhaul.policies.mgdm.perception.observations import (
    ACTIONS,
    LEFT,
    POSE,
    RIGHT,
    offsets,
    places,
)
from tests.policies.mgdm.mapping.test_waypoints import found, surveyed
from tests.policies.mgdm.walks import ABOVE, BELOW, walk

EXTENT = 17
"""Which number says how many cells are one frontier."""


def batch_of(rows: torch.Tensor, seed: int = 0) -> dict[str, torch.Tensor]:
    """Return two windows with these waypoints (2, T, n, numbers)."""
    drawn = torch.Generator().manual_seed(seed)
    steps = rows.shape[1]
    return {
        COLUMNS: torch.randn(2, steps, 24, 5, generator=drawn),
        WAYPOINTS: rows,
        POSE: 3 * torch.randn(2, steps, 4, generator=drawn),
        "keyframe": 3 * torch.randn(2, steps, 4, generator=drawn),
        "actions": torch.randint(0, ACTIONS, (2, steps, 1), generator=drawn),
    }


def test_twice_is_once_too_often() -> None:
    batch = batch_of(torch.randn(2, 3, 4, NUMBERS + 6))
    which = torch.tensor([True, False])
    once = mirrored(batch, which)
    again = mirrored(once, which)
    for name, value in batch.items():
        assert torch.equal(again[name], value), name
        assert torch.equal(once[name][1], value[1]), name
        assert name == "keyframe" or not torch.equal(once[name][0], value[0]), name
    assert torch.equal(once["actions"][0] == LEFT, batch["actions"][0] == RIGHT)
    assert torch.equal(once[COLUMNS][0, :, 0], batch[COLUMNS][0, :, -1])


def test_what_is_remembered_of_places_is_mirrored_too() -> None:
    batch = batch_of(torch.zeros(2, 3, 4, NUMBERS))
    which = torch.tensor([True, False])
    once, later = mirrored(batch, which), mirrored(batch | {POSE: batch["keyframe"]}, which)
    ways = offsets(places(batch[POSE]), places(batch["keyframe"]))
    seen = offsets(places(once[POSE]), places(later[POSE]))
    assert torch.allclose(seen[0], ways[0] * torch.tensor([-1.0, 1.0, 1.0]), atol=1e-5)


@pytest.mark.parametrize("step", [24, 45, 52, 53])
def test_the_numbers_are_those_of_a_house_seen_in_a_mirror(step: int) -> None:
    """The map itself is mirrored, cell by cell, and waypoints found on it anew."""
    walked = walk(BELOW, ABOVE)
    survey, pose = surveyed(walked, 54), walked.poses[step]
    plain = found(survey, Routes(survey.occupancy, pose))
    turned, mirror = reflected(survey), pose * np.float32([-1, 1, 1, -1])
    other = found(turned, Routes(turned.occupancy, mirror))
    rows = torch.from_numpy(plain.numbers).expand(2, 1, -1, -1)
    expected = mirrored(batch_of(rows), torch.tensor([True, True]))[WAYPOINTS][0, 0].numpy()
    pairs = matched(plain, other)
    things = plain.numbers[:, FRONTIER] < 0.5
    assert {a for a, _ in pairs} >= set(np.flatnonzero(things)) and things.sum() > 8
    assert len(pairs) > things.sum()  # the squares of frontiers are not mirrored
    for a, b in pairs:
        alike = np.isclose(expected[a], other.numbers[b], atol=1e-4)
        alike[EXTENT] |= not things[a]
        assert alike.all(), (expected[a], other.numbers[b])


def reflected(survey: Survey) -> Survey:
    """Return a survey in which x is -x; a cell's edge is at 0."""
    turned = copy.deepcopy(survey)
    occupancy = turned.occupancy
    for name in ("_seen", "_assumed", "stood", "_bumped", "_visited"):
        setattr(occupancy, name, getattr(occupancy, name)[:, ::-1].copy())
    low_row, low_column, high_row, high_column = occupancy._box
    occupancy._box = low_row, SIDE - 1 - high_column, high_row, SIDE - 1 - low_column
    across = np.float32([-1, 1, 1])
    assert occupancy._origin is not None
    occupancy._origin = occupancy._origin * across
    points, things = survey.semantic.points, survey.semantic.things
    rooms = survey.semantic.room_shares
    turned.semantic.clear()
    turned.semantic.origin = survey.semantic.origin * across
    turned.semantic.update(points * across, things / 0.7, rooms)
    return turned


def matched(plain: Waypoints, other: Waypoints) -> list[tuple[int, int]]:
    """Return pairs of a waypoint and its mirror image, of one kind."""
    pairs = []
    for a, (point, number) in enumerate(zip(plain.points, plain.numbers, strict=True)):
        gap = np.linalg.norm(other.points - point * np.float32([-1, 1, 1]), axis=1)
        kinds = (other.numbers[:, 11:14] == number[11:14]).all(1)
        b = int(np.where(kinds, gap, np.inf).argmin())
        if kinds[b] and gap[b] < 0.01:
            pairs.append((a, b))
    return pairs
