"""The contract of a policy. It needs numpy only, so that the rollout loop stays free of torch.

A policy serves many env slots at once. `reset` is called for a slot at each episode start and,
where the env's spec says that a new subtask clears history, at each subtask start; `act` answers
the slots that are ready, in any order and number. A row of the answer depends on its own slot's
history alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from gymnasium.spaces import Space

from envs.specs import EnvSpec, Requirement

Actions = np.ndarray | dict[str, np.ndarray]

EXPERT_ACTION = "expert_action"
"""The observation in which worker part `expert: label` says what the expert would do."""


@dataclass(frozen=True)
class Start:
    """The start of an episode (`new_episode`), of another instruction in it, or of a subtask that
    clears history.

    All of a policy's randomness comes from `seed`.
    """

    episode_id: str
    seed: int
    instruction: str
    new_episode: bool = True


@dataclass(frozen=True)
class Batch:
    """Observations of the ready slots: row i of every array belongs to `slots[i]`."""

    slots: tuple[int, ...]
    observations: Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Setting:
    """What a policy is built for: the env's spaces and conventions, and where it runs.

    `device` is cpu or cuda, already resolved; `checkpoint` a file of weights, or None for the
    policy's own default.
    """

    env: EnvSpec
    observation_space: Space[Any]
    action_space: Space[Any]
    slots: int
    device: str = "cpu"
    checkpoint: Path | None = None


class Policy(Protocol):
    """Built as `PolicyClass(setting=Setting(...), **options of its YAML)`."""

    requirement: Requirement
    trained: bool | None
    """Whether learned weights are in use; None for a policy that has none."""

    def reset(self, slots: Sequence[int], starts: Sequence[Start]) -> None:
        """Forget the slots' history; `starts[i]` belongs to `slots[i]`."""

    def act(self, batch: Batch) -> Actions:
        """Return one action per row: an array (n, ...) or a dict of them, as the action space."""

    def provenance(self) -> Mapping[str, str]:
        """Return what of this policy belongs to a run's identity: checkpoint hash, precision."""


@runtime_checkable
class Writes(Protocol):
    """A policy that keeps files of its own beside the records (a planner its transcript)."""

    def write_into(self, folder: Path) -> None:
        """Write them into a run's folder from now on, at the end of what is there."""
