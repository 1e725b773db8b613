"""Waypoints as the network's input: the one place that knows the order of the features.

The shipped weights, and feature datasets on disk (learning/feature_dataset.py), have this order, so
a change of it would make both useless.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from longhaul.policies.mgdm.mapping.waypoints import (
    ARRIVED_M,
    FRONTIER,
    SUPPORT,
    TARGET,
    Waypoints,
)
from longhaul.policies.mgdm.perception.observations import (
    ACTION_COUNT,
    MOVE_FORWARD,
    TURN_LEFT,
    TURN_RIGHT,
)

Array = NDArray[np.float32]

FEATURE_NAMES = (
    "filled",  # 1 for a waypoint, 0 for an empty row
    "turn_left",  # one-hot: the action that begins the path
    "move_forward",
    "turn_right",
    "offset_right",
    "offset_up",
    "offset_ahead",
    "path_length",  # in units of PATH_UNIT_M, at most 3
    "nearness",  # exp(-path length in m)
    "bearing_sine",
    "bearing_cosine",
    "target",  # one-hot: the kind
    "support",
    "frontier",
    "target_match",
    "room_match",
    "match",  # their product
    "frontier_size",  # log(1 + frontier cells) / 3
    "thing_gap",  # m, at most 2
    "visited",
)
"""What a waypoint's features are, in order."""

WAYPOINT_FEATURES = len(FEATURE_NAMES)
"""Width of a waypoint's features, before the evidence around it."""

PATH_UNIT_M = 10.0
"""A path length of 1 in the features is so many m; ours."""

AT_WAYPOINT_PATH = 0.04
"""The robot is at a waypoint whose path length, in units of PATH_UNIT_M, is below this: 0.4 m, as
env.approach is for the demonstrations from which the decision is learned."""


def feature_index(name: str) -> int:
    """Return the index of a named feature."""
    return FEATURE_NAMES.index(name)


_ACTIONS = [feature_index("turn_left"), feature_index("move_forward"), feature_index("turn_right")]
_SWAPPED_IN_MIRROR = [feature_index("turn_left"), feature_index("turn_right")]
_NEGATED_IN_MIRROR = [feature_index("offset_right"), feature_index("bearing_sine")]


class WaypointTokens(NamedTuple):
    """Waypoints as the network takes them: `features` (..., waypoints, WAYPOINT_FEATURES), named by
    FEATURE_NAMES, and the evidence of `things` and `rooms` around each (..., waypoints, words), as
    sums of the names' vectors."""

    features: Tensor
    things: Tensor
    rooms: Tensor

    @classmethod
    def of(cls, rows: Tensor) -> WaypointTokens:
        """Return the tokens of rows (..., waypoints, any) that `waypoint_rows` made."""
        words = (rows.shape[-1] - WAYPOINT_FEATURES) // 2
        return cls(*rows.split([WAYPOINT_FEATURES, words, words], dim=-1))

    def get(self, name: str) -> Tensor:
        """Return a feature by its name, (..., waypoints)."""
        return self.features[..., feature_index(name)]

    @property
    def filled(self) -> Tensor:
        """Which rows are waypoints, (..., waypoints) bool."""
        return self.get("filled") > 0.5

    @property
    def targets(self) -> Tensor:
        """Which waypoints may be the target, (..., waypoints) bool."""
        return self.filled & (self.get("target") > 0.5)

    @property
    def at_targets(self) -> Tensor:
        """At which of the targets the robot is, (..., waypoints) bool."""
        return self.targets & (self.get("path_length") < AT_WAYPOINT_PATH)

    @property
    def actions(self) -> Tensor:
        """The actions that begin the paths, one-hot (..., waypoints, ACTION_COUNT)."""
        return functional.pad(self.features[..., 1:ACTION_COUNT], (1, 0))


def waypoint_rows(waypoints: Waypoints, thing_words: Array, room_words: Array, rows: int) -> Array:
    """Return the network's input (rows, WAYPOINT_FEATURES + 2 * words): the waypoints, then zeros.

    `thing_words` (things, words) and `room_words` (rooms, words) are the vectors of the names.
    """
    things, rooms = waypoints.things @ thing_words, waypoints.rooms @ room_words
    out = np.zeros((rows, WAYPOINT_FEATURES + things.shape[1] + rooms.shape[1]), np.float32)
    out[: len(waypoints)] = np.concatenate([_features(waypoints), things, rooms], 1)
    return out


def path_length_feature(waypoints: Waypoints) -> Array:
    """Return the feature path_length (n,)."""
    return np.minimum(waypoints.path_length / PATH_UNIT_M, 3).astype(np.float32)


def at_waypoints(waypoints: Waypoints) -> NDArray[np.bool_]:
    """Return at which waypoints (n,) the robot is, rounded as the network sees it."""
    return np.asarray(path_length_feature(waypoints) < AT_WAYPOINT_PATH)


def mirror_features(rows: Tensor) -> Tensor:
    """Return waypoints' rows (..., WAYPOINT_FEATURES + any) of a house seen in a mirror.

    Left and right change places. At a waypoint where the robot already is, it turns left to look
    around, in a mirror too.
    """
    mirrored = rows.clone()
    arrived = rows[..., feature_index("path_length"), None] < ARRIVED_M / PATH_UNIT_M
    turns = rows[..., _SWAPPED_IN_MIRROR]
    mirrored[..., _SWAPPED_IN_MIRROR] = torch.where(arrived, turns, turns.flip(-1))
    mirrored[..., _NEGATED_IN_MIRROR] *= -1
    return mirrored


def _features(waypoints: Waypoints) -> Array:
    """Return the waypoints' features, (n, WAYPOINT_FEATURES)."""
    w = waypoints
    values: Sequence[NDArray[np.generic]] = (
        np.ones(len(w)),
        w.action == TURN_LEFT,
        w.action == MOVE_FORWARD,
        w.action == TURN_RIGHT,
        w.offset,
        path_length_feature(w),
        np.exp(-w.path_length),
        np.sin(w.bearing),
        np.cos(w.bearing),
        w.kind == TARGET,
        w.kind == SUPPORT,
        w.kind == FRONTIER,
        w.target_match,
        w.room_match,
        w.target_match * w.room_match,
        np.log1p(w.frontier_cells) / 3,
        np.minimum(w.thing_gap, 2),
        w.visited,
    )
    return np.column_stack(values).astype(np.float32)
