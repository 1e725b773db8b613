"""What MGDM sees of a house, and the places of earlier steps as seen from the present one.

A policy may know the instruction, three views with depth, its own pose and the step: no semantic
ids, no map, no geodesic distance.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from longhaul.envs.specs import ActionSpec, CameraSpec, ObservationSpec, Requirement, StateSpec

VIEWS = ("left", "front", "right")
"""From left to right, so that the columns of a panorama are in the order of their bearings."""

COLORS = tuple(f"rgb_{view}" for view in VIEWS)
DEPTHS = tuple(f"depth_{view}" for view in VIEWS)
POSE, STEP = "pose", "step"

ACTIONS = 4
STOP, LEFT, FORWARD, RIGHT = range(ACTIONS)
"""LH-VLN's numbers of the actions."""

STATES = (
    StateSpec(POSE, 4, ("x m", "y m (up)", "z m", "yaw rad about y, 0 along -z")),
    StateSpec(STEP, 1, ("actions taken in the episode",)),
)

HOUSE = Requirement(
    ObservationSpec(
        (
            *(CameraSpec(name, 0, 0, "rgb", mount="robot") for name in COLORS),
            *(CameraSpec(name, 0, 0, "depth", mount="robot") for name in DEPTHS),
        ),
        STATES,
    ),
    ActionSpec(mode="discrete", size=1, position_scale=0.25),
)

FAR = 10.0
"""Depth (m) beyond which all is equally far: LHPR-VLN's pictures of depth end there too."""

LONG = 500.0
"""Actions of an episode, LH-VLN's limit."""

NEAR = 5.0
"""Distance (m) at which an offset is half of its greatest length."""

PLACE = 5
"""Numbers of a place: x, y, z (m), sine and cosine of the yaw. Means of them mean something."""

RELATION = 7
"""Numbers of a remembered place as the present one sees it."""


def pictures(batch: Mapping[str, Tensor]) -> Tensor:
    """Return views (..., 3, 4, H, W) of observations, as colors_and_depth has them."""
    colors = torch.stack([batch[name] for name in COLORS], dim=-4)
    depths = torch.stack([batch[name] for name in DEPTHS], dim=-3)
    return colors_and_depth(colors, depths)


def colors_and_depth(colors: Tensor, depths: Tensor) -> Tensor:
    """Return views (..., 4, H, W) float: red, green, blue in 0..1 and depth in 0..1 of FAR.

    Colors are (..., H, W, 3) uint8, depths (..., H, W) in m; where nothing is they are 0.
    """
    rgb = colors.movedim(-1, -3).float() / 255
    return torch.cat([rgb, (depths.float().clamp(0, FAR) / FAR).unsqueeze(-3)], dim=-3)


def places(pose: Tensor) -> Tensor:
    """Return places (..., PLACE) of poses (..., 4): x, y, z, yaw."""
    yaw = pose[..., 3:]
    return torch.cat([pose[..., :3], yaw.sin(), yaw.cos()], dim=-1)


def offsets(place: Tensor, other: Tensor) -> Tensor:
    """Return where other places (..., PLACE) lie, in m to the right, up and ahead, (..., 3)."""
    gap = other[..., :3] - place[..., :3]
    sine, cosine = place[..., 3], place[..., 4]
    right = gap[..., 0] * cosine - gap[..., 2] * sine
    ahead = -gap[..., 0] * sine - gap[..., 2] * cosine
    return torch.stack([right, gap[..., 1], ahead], dim=-1)


def squashed(offset: Tensor) -> Tensor:
    """Return offsets (..., n) in m with the same direction and a length below 1."""
    return offset / (NEAR + offset.norm(dim=-1, keepdim=True))


def relations(place: Tensor, remembered: Tensor, age: Tensor) -> Tensor:
    """Return what a remembered place (..., PLACE) is to the present one, (..., RELATION).

    That is its squashed offset, the sine and cosine of how far it was turned against now, how
    near it is, and its `age` (...,) in steps, on a scale of logarithms.
    """
    offset = offsets(place, remembered)
    (sine, cosine), (sine_then, cosine_then) = (
        (row[..., 3], row[..., 4]) for row in (place, remembered)
    )
    turn = [sine_then * cosine - cosine_then * sine, cosine_then * cosine + sine_then * sine]
    near, aged = torch.exp(-offset.norm(dim=-1)), torch.log1p(age) / 5
    return torch.cat([squashed(offset), torch.stack([*turn, near, aged], dim=-1)], dim=-1)
