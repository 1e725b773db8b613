"""Where each token of the sequence stands, and which token may attend to which.

A timestep is `[text 1][state 1][static Q][wrist Q][static CLS 1][wrist CLS 1]` followed by the
read-outs `[FRS static n][FRS wrist n][INV]`. The first group is seen by later timesteps, the
read-outs never are: that is what lets acting drop the read-outs of earlier timesteps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from longhaul.policies.seer.config import SeerConfig

TEXT_COLUMN, STATE_COLUMN, IMAGES_COLUMN = 0, 1, 2
"""First columns of the parts of a timestep."""


@dataclass(frozen=True)
class Layout:
    """Token counts of a timestep: Q latents per camera, n [FRS] per camera, [INV] per timestep."""

    latents: int
    frs_per_camera: int
    inv: int

    @classmethod
    def of(cls, config: SeerConfig) -> Layout:
        return cls(config.latents, config.frs_per_camera, config.inv)

    @property
    def frame(self) -> int:
        """Tokens that come from one observation: state, two cameras' latents, two CLS."""
        return 1 + 2 * self.latents + 2

    @property
    def history(self) -> int:
        """Tokens of a timestep that later timesteps see: text and `frame`."""
        return 1 + self.frame

    @property
    def frs(self) -> int:
        return 2 * self.frs_per_camera

    @property
    def readouts(self) -> int:
        return self.frs + self.inv

    @property
    def step(self) -> int:
        return self.history + self.readouts


@dataclass(frozen=True)
class PretrainMask:
    """The published flags of pretraining.

    [FRS] of a timestep sees the state token `goal_steps` later, the goal; [INV] sees only its own
    timestep's images and [FRS] (`sees_state`: its state token too); a share `hidden_frs` of the
    [FRS] columns, drawn anew for each timestep and forward pass, is hidden from [INV].
    """

    goal_steps: int = 4
    sees_state: bool = False
    hidden_frs: float = 0.0


def attention_mask(
    layout: Layout,
    timesteps: int,
    pretrain: PretrainMask | None = None,
    rng: np.random.Generator | np.random.RandomState | None = None,
) -> Tensor:
    """Return who sees whom over `timesteps` full timesteps: (T, T) bool, row = query.

    Without `pretrain` it is the mask of fine-tuning and evaluation. `rng` is needed only where
    `pretrain.hidden_frs` hides anything.
    """
    size = layout.step
    mask = np.zeros((timesteps * size, timesteps * size), dtype=bool)
    for i in range(timesteps):
        start, readouts = i * size, i * size + layout.history
        inv = slice(readouts + layout.frs, start + size)
        for j in range(i + 1):
            mask[start : start + size, j * size : j * size + layout.history] = True
        mask[inv, readouts : readouts + layout.frs] = True
        if pretrain is not None:
            _pretrain_timestep(mask, layout, timesteps, i, pretrain, rng)
    return torch.from_numpy(mask)


def _pretrain_timestep(
    mask: np.ndarray,
    layout: Layout,
    timesteps: int,
    i: int,
    pretrain: PretrainMask,
    rng: np.random.Generator | np.random.RandomState | None,
) -> None:
    start, readouts = i * layout.step, i * layout.step + layout.history
    inv = slice(readouts + layout.frs, start + layout.step)
    if i + pretrain.goal_steps < timesteps:
        goal = (i + pretrain.goal_steps) * layout.step + STATE_COLUMN
        mask[readouts : readouts + layout.frs, goal] = True
    mask[inv, :readouts] = False
    mask[inv, start + (STATE_COLUMN if pretrain.sees_state else IMAGES_COLUMN) : readouts] = True
    hidden = int(pretrain.hidden_frs * layout.frs)
    if hidden:
        if rng is None:
            raise ValueError("hidden_frs draws columns at random: pass rng")
        mask[inv, readouts + rng.choice(layout.frs, hidden, replace=False)] = False


def acting_mask(layout: Layout, lengths: Tensor, timesteps: int) -> Tensor:
    """Return the mask of the sequence that acting uses: every timestep's history tokens, then the
    read-outs of the newest timestep alone.

    `lengths` (B,) int counts the real timesteps of each row; the ones behind them are padding
    that no read-out sees. Returns (B, 1, T, T) bool with T = timesteps * history + readouts.
    """
    device = lengths.device
    step = torch.arange(timesteps, device=device).repeat_interleave(layout.history)
    past = step.numel()
    size = past + layout.readouts
    mask = torch.zeros(len(lengths), 1, size, size, dtype=torch.bool, device=device)
    mask[:, :, :past, :past] = step[None, :] <= step[:, None]
    mask[:, :, past:, :past] = (step[None, :] < lengths[:, None])[:, None, None, :]
    mask[:, :, past + layout.frs :, past : past + layout.frs] = True
    return mask
