"""Poses as the network reads them: a pose of an earlier step relative to the present one."""

from __future__ import annotations

import torch
from torch import Tensor

OFFSET_SCALE_M = 5.0
"""The distance (m) at which a bounded offset has half of its greatest length, which is 1; ours. So
the network gets no large numbers, and can distinguish offsets of a few meters."""

POSE_FEATURES = 5
"""Width of a pose's features: x, y, z (m), sine and cosine of the yaw. The short-term memory
averages them, and an average of sines and cosines means something where one of angles does not."""

RELATIVE_POSE_FEATURES = 7
"""Width of a relative pose: the bounded offset (3), sine and cosine of the turn, nearness, age."""


def pose_features(pose: Tensor) -> Tensor:
    """Return features (..., POSE_FEATURES) of poses (..., 4): x, y, z in m and yaw in rad."""
    yaw = pose[..., 3:]
    return torch.cat([pose[..., :3], yaw.sin(), yaw.cos()], dim=-1)


def offsets(present: Tensor, other: Tensor) -> Tensor:
    """Return where other poses lie as seen from the present ones: (..., 3), m right, up, ahead.

    Both are pose features (..., POSE_FEATURES).
    """
    gap = other[..., :3] - present[..., :3]
    sine, cosine = present[..., 3], present[..., 4]
    right = gap[..., 0] * cosine - gap[..., 2] * sine
    ahead = -gap[..., 0] * sine - gap[..., 2] * cosine
    return torch.stack([right, gap[..., 1], ahead], dim=-1)


def bounded(offset: Tensor) -> Tensor:
    """Return offsets (..., n) in m with the same direction and a length below 1."""
    return offset / (OFFSET_SCALE_M + offset.norm(dim=-1, keepdim=True))


def relative_pose(present: Tensor, remembered: Tensor, age: Tensor) -> Tensor:
    """Return remembered poses relative to the present one, (..., RELATIVE_POSE_FEATURES).

    `present` and `remembered` are pose features (..., POSE_FEATURES), `age` (...,) is in steps. The
    result holds the bounded offset, sine and cosine of the turn between the two, exp(-distance in
    m), and the age on a logarithmic scale.
    """
    offset = offsets(present, remembered)
    (sine, cosine), (sine_then, cosine_then) = (
        (row[..., 3], row[..., 4]) for row in (present, remembered)
    )
    turn = [sine_then * cosine - cosine_then * sine, cosine_then * cosine + sine_then * sine]
    nearness, log_age = torch.exp(-offset.norm(dim=-1)), torch.log1p(age) / 5
    return torch.cat([bounded(offset), torch.stack([*turn, nearness, log_age], dim=-1)], dim=-1)
