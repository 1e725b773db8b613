"""The network's input of waypoints: the order of its features, which the shipped weights have."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from safetensors import safe_open

from longhaul.policies.mgdm.checkpoint import SHIPPED
from longhaul.policies.mgdm.decision.waypoint_features import (
    AT_WAYPOINT_PATH,
    FEATURE_NAMES,
    PATH_UNIT_M,
    WAYPOINT_FEATURES,
    WaypointTokens,
    at_waypoints,
    waypoint_rows,
)
from longhaul.policies.mgdm.mapping.waypoints import FRONTIER, SUPPORT, TARGET, Waypoints
from longhaul.policies.mgdm.perception.observations import MOVE_FORWARD, TURN_LEFT, TURN_RIGHT

ROWS, THINGS, ROOMS, WORDS = 9, 3, 2, 4


def drawn(count: int, seed: int = 0) -> Waypoints:
    """Return waypoints drawn at random, of all kinds and actions."""
    rng = np.random.default_rng(seed)

    def some(*shape: int, most: float = 1.0) -> np.ndarray:
        return rng.uniform(0, most, (count, *shape)).astype(np.float32)

    return Waypoints(
        kind=np.arange(count) % 3,
        action=1 + np.arange(count) // 2 % 3,
        position=some(3, most=9),
        cell=rng.integers(0, 300, (count, 3)),
        path_length=rng.uniform(0, 40, count),
        bearing=some(most=6) - 3,
        offset=some(3) - 0.5,
        things=some(THINGS),
        rooms=some(ROOMS),
        target_match=some(),
        room_match=some(),
        frontier_cells=rng.integers(0, 50, count),
        thing_gap=some(most=4),
        visited=rng.random(count) < 0.5,
    )


def in_order(w: Waypoints, n: int) -> list[float]:
    """Return the 20 numbers of waypoint n as the shipped network was trained with them."""
    a, kind, path = int(w.action[n]), int(w.kind[n]), float(w.path_length[n])
    match, room = float(w.target_match[n]), float(w.room_match[n])
    return [
        1,
        *(a == TURN_LEFT, a == MOVE_FORWARD, a == TURN_RIGHT),
        *w.offset[n].tolist(),
        *(min(path / 10, 3), math.exp(-path)),
        *(math.sin(w.bearing[n]), math.cos(w.bearing[n])),
        *(kind == TARGET, kind == SUPPORT, kind == FRONTIER),
        *(match, room, match * room),
        math.log(1 + int(w.frontier_cells[n])) / 3,
        min(float(w.thing_gap[n]), 2),
        bool(w.visited[n]),
    ]


def words(seed: int) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    things, rooms = rng.standard_normal((2, max(THINGS, ROOMS), WORDS)).astype(np.float32)
    return things[:THINGS], rooms[:ROOMS]


def test_features_are_in_the_order_of_the_shipped_weights() -> None:
    waypoints, (thing_words, room_words) = drawn(7), words(1)
    rows = waypoint_rows(waypoints, thing_words, room_words, ROWS)
    assert rows.shape == (ROWS, WAYPOINT_FEATURES + 2 * WORDS) and not rows[7:].any()
    for n in range(7):
        np.testing.assert_allclose(rows[n, :WAYPOINT_FEATURES], in_order(waypoints, n), rtol=1e-5)
        np.testing.assert_allclose(
            rows[n, WAYPOINT_FEATURES:-WORDS], waypoints.things[n] @ thing_words, rtol=1e-4
        )
        np.testing.assert_allclose(
            rows[n, -WORDS:], waypoints.rooms[n] @ room_words, rtol=1e-4, atol=1e-6
        )
    with safe_open(SHIPPED, "np") as file:
        shape = file.get_slice("waypoint.0.weight").get_shape()
    assert shape[1] == WAYPOINT_FEATURES == len(FEATURE_NAMES) == 20


def test_tokens_are_read_by_name() -> None:
    waypoints = drawn(7)
    tokens = WaypointTokens.of(torch.from_numpy(waypoint_rows(waypoints, *words(2), ROWS)))
    assert tokens.filled.tolist() == [True] * 7 + [False] * 2
    assert tokens.targets[:7].tolist() == (waypoints.kind == TARGET).tolist()
    assert tokens.actions[:7].argmax(-1).tolist() == waypoints.action.tolist()
    assert not tokens.actions[7:].any()
    names = {"target_match": waypoints.target_match, "room_match": waypoints.room_match}
    for name, values in names.items():
        assert tokens.get(name)[:7].tolist() == values.tolist()


def test_the_policy_is_where_the_network_sees_it_to_be() -> None:
    """At a path length on the limit both round alike."""
    waypoints = drawn(60)
    limit = AT_WAYPOINT_PATH * PATH_UNIT_M
    waypoints.path_length[:] = limit + np.linspace(-2e-7, 2e-7, 60)
    rows = torch.from_numpy(waypoint_rows(waypoints, *words(3), 60))
    at = at_waypoints(waypoints) & (waypoints.kind == TARGET)
    assert WaypointTokens.of(rows).at_targets.tolist() == at.tolist()
    assert 0 < at_waypoints(waypoints).sum() < 60
