"""Digested windows of a house seen in a mirror: left is right, and the way is as good a way."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from longhaul.policies.mgdm.learning.feature_dataset import COLUMNS, WAYPOINTS
from longhaul.policies.mgdm.mapping.waypoints import DISTANCE, HERE
from longhaul.policies.mgdm.perception.observations import LEFT, POSE, RIGHT

SWAPPED = (1, 3)
"""Numbers of a waypoint that say that one turns left to it, and right. Where one looks around,
being there already, it is to the left in a mirror, too."""

TURNED = (4, 9)
"""Numbers of a waypoint that change their sign: how far right it lies, the sine of its bearing."""


def mirrored(batch: Mapping[str, Tensor], which: Tensor) -> dict[str, Tensor]:
    """Return a batch in which the windows that `which` (B,) bool chooses are mirrored.

    Columns, waypoints, poses and the labels change; x becomes -x.
    """
    changed = dict(batch)
    changed[COLUMNS] = _where(which, batch[COLUMNS].flip(-2), batch[COLUMNS])
    rows = batch[WAYPOINTS].clone()
    there = rows[..., DISTANCE, None] < HERE / 10
    other = rows[..., list(reversed(SWAPPED))]
    rows[..., list(SWAPPED)] = torch.where(there, rows[..., list(SWAPPED)], other)
    rows[..., list(TURNED)] *= -1
    changed[WAYPOINTS] = _where(which, rows, batch[WAYPOINTS])
    sign = batch[POSE].new_tensor([-1.0, 1.0, 1.0, -1.0])
    changed[POSE] = _where(which, batch[POSE] * sign, batch[POSE])
    label = batch["actions"]
    turned = torch.where(label == LEFT, RIGHT, torch.where(label == RIGHT, LEFT, label))
    changed["actions"] = _where(which, turned.to(label), label)
    return changed


def _where(which: Tensor, yes: Tensor, no: Tensor) -> Tensor:
    return torch.where(which.view(-1, *[1] * (no.ndim - 1)), yes, no)
