"""The short-term memory as the network takes it: in an episode that goes on, and in a recorded one.

Both give the same rows for a step: those of the steps before it, merged as short_term.py says, with
the poses at which they were made relative to the present pose.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from longhaul.policies.mgdm.memory.short_term import Mode, ShortTermMemory, memory_weights
from longhaul.policies.mgdm.model import MemoryRows, StepEncoding
from longhaul.policies.mgdm.perception.relative_pose import (
    POSE_FEATURES,
    RELATIVE_POSE_FEATURES,
    relative_pose,
)
from longhaul.policies.policy import Weights


class EpisodeMemory:
    """The short-term memory of one env slot's episode."""

    def __init__(self, capacity: int, mode: Mode, width: int) -> None:
        self.rows = ShortTermMemory(capacity, mode)
        self._width, self._steps = width, 0

    def clear(self) -> None:
        """Begin an episode."""
        self.rows.clear()
        self._steps = 0

    def push(self, encoding: StepEncoding, pose: Tensor) -> None:
        """Add a step: its encoding, without a batch dimension, and its pose features
        (POSE_FEATURES,)."""
        visual_and_pose = torch.cat([encoding.visual, pose.to(encoding.visual)])
        confidence = encoding.reflex.float().softmax(-1)
        self.rows.push(_array(encoding.h), _array(confidence), _array(visual_and_pose))
        self._steps += 1

    def rows_seen_from(self, pose: Tensor) -> MemoryRows:
        """Return the memory (1, capacity, ...) of a step with these pose features
        (POSE_FEATURES,)."""
        capacity, width, n = self.rows.capacity, self._width, len(self.rows)
        h, visual = torch.zeros(2, capacity, width)
        relative = torch.zeros(capacity, RELATIVE_POSE_FEATURES)
        if n:
            h[:n] = torch.from_numpy(self.rows.h)
            visual_and_pose = torch.from_numpy(self.rows.visual)
            visual[:n] = visual_and_pose[:, :width]
            age = self._steps - torch.from_numpy(self.rows.steps).float()
            present = pose.cpu().expand(n, POSE_FEATURES)
            relative[:n] = relative_pose(present, visual_and_pose[:, width:], age)
        rows = (h, visual, relative, torch.arange(capacity) < n)
        return MemoryRows(*(row.to(pose.device)[None] for row in rows))

    def similarity(self) -> dict[str, Weights]:
        """Return the cosine similarity of each row's view to the latest step's, not below 0.

        Rows are named by how many steps ago they were made, on average. It is {} where there are
        less than two rows.
        """
        if len(self.rows) < 2:
            return {}
        visual = self.rows.visual[:, : self._width]
        visual = visual / np.maximum(np.linalg.norm(visual, axis=1, keepdims=True), 1e-9)
        cosine = np.maximum(visual[:-1] @ visual[-1], 0)
        ages = [round(age) for age in (self._steps - 1 - self.rows.steps[:-1]).tolist()]
        return {"memory, like the present view": Weights(("cosine",), ages, cosine[None])}


def window_memory(encoding: StepEncoding, pose: Tensor, capacity: int, mode: Mode) -> MemoryRows:
    """Return the memory of each step of windows, made of the steps before it in its window.

    `encoding` is (B, T, ...), `pose` are pose features (B, T, POSE_FEATURES). The memory is (B, T,
    capacity, ...) and keeps the gradients of what is in it.
    """
    confidence = _array(encoding.reflex.float().softmax(-1))
    after = [memory_weights(rows, capacity, mode) for rows in confidence]
    weights = torch.from_numpy(np.stack(after)).to(pose.device).roll(1, dims=1)
    weights[:, 0] = 0  # no step comes before the first one

    def merged(features: Tensor) -> Tensor:
        return torch.einsum("btcs,bs...->btc...", weights, features.float())

    filled = weights.sum(-1) > 0.5
    steps = torch.arange(pose.shape[1], device=pose.device).expand(pose.shape[:2]).float()
    age = (steps[:, :, None] - merged(steps)) * filled
    present = pose[:, :, None].expand(-1, -1, capacity, -1)
    relative = relative_pose(present, merged(pose), age) * filled[..., None]
    return MemoryRows(merged(encoding.h), merged(encoding.visual), relative, filled)


def _array(values: Tensor) -> NDArray[np.float32]:
    array: NDArray[np.float32] = values.detach().float().cpu().numpy()
    return array
