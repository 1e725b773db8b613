"""Mirror augmentation: windows of a feature dataset as they would be in a mirrored house."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from longhaul.policies.mgdm.decision.waypoint_features import mirror_features
from longhaul.policies.mgdm.learning.feature_dataset import COLUMNS, WAYPOINTS
from longhaul.policies.mgdm.perception.observations import POSE, TURN_LEFT, TURN_RIGHT


def mirrored(batch: Mapping[str, Tensor], which: Tensor) -> dict[str, Tensor]:
    """Return a batch in which the windows chosen by `which` (B,) bool are mirrored: x becomes -x.

    The encoder's columns, the waypoints, the poses and the labeled actions change.
    """
    changed = dict(batch)
    changed[COLUMNS] = _where(which, batch[COLUMNS].flip(-2), batch[COLUMNS])
    changed[WAYPOINTS] = _where(which, mirror_features(batch[WAYPOINTS]), batch[WAYPOINTS])
    sign = batch[POSE].new_tensor([-1.0, 1.0, 1.0, -1.0])
    changed[POSE] = _where(which, batch[POSE] * sign, batch[POSE])
    label = batch["actions"]
    not_right = torch.where(label == TURN_RIGHT, TURN_LEFT, label)
    turned = torch.where(label == TURN_LEFT, TURN_RIGHT, not_right)
    changed["actions"] = _where(which, turned.to(label), label)
    return changed


def _where(which: Tensor, yes: Tensor, no: Tensor) -> Tensor:
    return torch.where(which.view(-1, *[1] * (no.ndim - 1)), yes, no)
