"""Which of the predicted actions is executed when: chunk, replan and temporal ensemble."""

from __future__ import annotations

from collections import deque

import numpy as np

from longhaul.errors import ConfigError

DECAY = 0.01
"""Temporal ensemble: the k-th oldest prediction weighs exp(-0.01 k), k = 0 the oldest (Seer's
LIBERO evaluation, after ACT)."""


class Chunks:
    """The predictions of one slot, and the action of its next step.

    A prediction made at step t holds actions for t, t + 1, ...; the first `chunk` are used. The
    network is asked every `replan` steps. Without the ensemble the newest prediction's action is
    executed; with it, all that hold the step are averaged, gripper included.
    """

    def __init__(self, chunk: int, replan: int, temporal_ensemble: bool) -> None:
        self.replan = replan
        self.temporal_ensemble = temporal_ensemble
        self.chunk = chunk
        self.clear()

    def clear(self) -> None:
        self.step = 0
        self.predictions: deque[tuple[int, np.ndarray]] = deque()

    @property
    def due(self) -> bool:
        """Whether the next action needs a new prediction first."""
        return self.step % self.replan == 0

    def add(self, arm: np.ndarray, gripper: np.ndarray) -> None:
        """Take a prediction made now: arm (inv, 6), probability of an open gripper (inv,)."""
        self.predictions.append((self.step, np.column_stack([arm, gripper])[: self.chunk]))

    def next(self) -> np.ndarray:
        """Return the action (7,) float32 of this step, gripper +1 open or -1 closed, and go on."""
        while self.step - self.predictions[0][0] >= self.chunk:
            self.predictions.popleft()
        rows = np.stack([actions[self.step - made] for made, actions in self.predictions])
        if self.temporal_ensemble:
            action = np.average(rows, axis=0, weights=np.exp(-DECAY * np.arange(len(rows))))
        else:
            action = rows[-1]
        self.step += 1
        return np.append(action[:6], 1.0 if action[6] > 0.5 else -1.0).astype(np.float32)


def require_valid(chunk: int, replan: int, inv: int) -> None:
    """Raise ConfigError unless 1 <= replan <= chunk <= inv."""
    if not 1 <= chunk <= inv:
        raise ConfigError(f"policy.chunk={chunk}: the network predicts {inv}; valid: 1..{inv}")
    if not 1 <= replan <= chunk:
        raise ConfigError(f"policy.replan={replan} is beyond the chunk; valid: 1..{chunk}")
