"""Action chunking: which predicted action is executed at which step, with a temporal ensemble."""

from __future__ import annotations

from collections import deque

import numpy as np

from longhaul.errors import ConfigError

ENSEMBLE_DECAY = 0.01
"""Decay of the temporal ensemble's weights: the k-th oldest prediction has weight exp(-0.01 k), and
k = 0 is the oldest (Seer's LIBERO evaluation, after ACT)."""


class Chunks:
    """The predictions of one env slot, and the action of its next step.

    A prediction made at step t holds actions for t, t + 1, ...; the first `chunk` are used. The
    network predicts every `replan` steps. Without the ensemble the newest prediction's action is
    executed; with it, the actions of all predictions that cover the step are averaged, gripper
    included.
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

    def until_read(self, history: int) -> int:
        """Return in how many steps a frame is next looked at by a prediction of the last `history`
        frames; 0 if the present one is."""
        return max(0, -self.step % self.replan - (history - 1))

    def add(self, arm: np.ndarray, gripper: np.ndarray) -> None:
        """Add a prediction made now: arm (inv, 6), probability of an open gripper (inv,)."""
        self.predictions.append((self.step, np.column_stack([arm, gripper])[: self.chunk]))

    def next(self) -> np.ndarray:
        """Return this step's action (7,) float32, gripper +1 open or -1 closed; count the step."""
        while self.step - self.predictions[0][0] >= self.chunk:
            self.predictions.popleft()
        rows = np.stack([actions[self.step - made] for made, actions in self.predictions])
        if self.temporal_ensemble:
            action = np.average(
                rows, axis=0, weights=np.exp(-ENSEMBLE_DECAY * np.arange(len(rows)))
            )
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
