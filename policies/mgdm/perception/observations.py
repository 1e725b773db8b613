"""What MGDM observes at each step, and how pictures become the view encoder's input.

A policy may know the instruction, three views with depth, its own pose and the step. It gets no
semantic ids, no map of the house and no geodesic distance.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from longhaul.envs.specs import ActionSpec, CameraSpec, ObservationSpec, Requirement, StateSpec

VIEWS = ("left", "front", "right")
"""The cameras from left to right, so that the columns of a panorama are in the order of their
bearings."""

RGB_VIEWS = tuple(f"rgb_{view}" for view in VIEWS)
DEPTH_VIEWS = tuple(f"depth_{view}" for view in VIEWS)
POSE, STEP = "pose", "step"
"""Names of the observations."""

ACTION_COUNT = 4
STOP, TURN_LEFT, MOVE_FORWARD, TURN_RIGHT = range(ACTION_COUNT)
"""LH-VLN's numbers of the actions. A turn is 30 degrees, a move 0.25 m."""

STATES = (
    StateSpec(POSE, 4, ("x m", "y m (up)", "z m", "yaw rad about y, 0 along -z")),
    StateSpec(STEP, 1, ("actions taken in the episode",)),
)

REQUIREMENT = Requirement(
    ObservationSpec(
        (
            *(CameraSpec(name, 0, 0, "rgb", mount="robot") for name in RGB_VIEWS),
            *(CameraSpec(name, 0, 0, "depth", mount="robot") for name in DEPTH_VIEWS),
        ),
        STATES,
    ),
    ActionSpec(mode="discrete", size=1, position_scale=0.25),
)
"""The observations and actions that policy=mgdm needs of an env."""

MAX_DEPTH_M = 10.0
"""Depths (m) are cut off here for the encoder. LHPR-VLN's pictures of depth end at 10 m, too."""

MAX_EPISODE_STEPS = 500.0
"""Actions of an episode at most: LH-VLN's limit. The network reads the step as a share of it."""


def stack_views(observations: Mapping[str, Tensor]) -> Tensor:
    """Return the three views (..., 3, 4, H, W) of observations, as `stack_rgbd` makes each."""
    rgb = torch.stack([observations[name] for name in RGB_VIEWS], dim=-4)
    depth = torch.stack([observations[name] for name in DEPTH_VIEWS], dim=-3)
    return stack_rgbd(rgb, depth)


def stack_rgbd(rgb: Tensor, depth: Tensor) -> Tensor:
    """Return views (..., 4, H, W) float: red, green, blue in 0..1, and depth in 0..1.

    `rgb` is (..., H, W, 3) uint8, `depth` (..., H, W) in m, 0 where nothing was hit. A depth of
    MAX_DEPTH_M or more becomes 1.
    """
    colors = rgb.movedim(-1, -3).float() / 255
    scaled = (depth.float().clamp(0, MAX_DEPTH_M) / MAX_DEPTH_M).unsqueeze(-3)
    return torch.cat([colors, scaled], dim=-3)
