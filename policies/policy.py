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

from longhaul.envs.specs import EnvSpec, Requirement

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


@runtime_checkable
class Observes(Protocol):
    """A policy that wants to know what was done: what it remembers depends on its own actions."""

    def executed(self, slots: Sequence[int], actions: Actions) -> None:
        """Take note of what is really done upon the last observations; row i is `slots[i]`'s."""


@runtime_checkable
class NeedsParts(Protocol):
    """The class of a policy whose options decide which worker parts (longhaul.envs.parts) it needs.

    It is asked before env and policy are made. What stands as `parts` in the policy's YAML is the
    same for all options.
    """

    @staticmethod
    def worker_parts(options: Mapping[str, Any]) -> Mapping[str, str]:
        """Return the modes of the parts that these options of the YAML need, by the parts' names.

        Raises ConfigError for options that cannot be.
        """


@dataclass(frozen=True)
class Picture:
    """A picture (H, W, 3) uint8 that a policy has in mind.

    `of` names the camera that it foretells, `ahead` steps later, or, with 0, the one that it is
    drawn upon; empty for any other picture.
    """

    image: np.ndarray
    of: str = ""
    ahead: int = 0


@dataclass(frozen=True)
class Weights:
    """How much earlier steps count now, `values` (rows, steps), none below 0.

    `rows` says what each row is, `ages` (steps,) how many steps ago each column was. With `shares`
    all values together are 1. `even` (rows, steps) is what they would be if nothing counted more
    than another.
    """

    rows: tuple[str, ...]
    ages: Sequence[int]
    values: np.ndarray
    shares: bool = False
    even: np.ndarray | None = None


@dataclass(frozen=True)
class Changes:
    """What came and went in a text since the step before: its lines, each behind a mark: `+` came,
    `-` went, a blank stayed, and `@` says how many that stayed are left out here."""

    lines: tuple[str, ...]


Explained = str | float | Picture | Weights | Changes
Explanation = Mapping[str, Explained]


@runtime_checkable
class Explains(Protocol):
    """A policy that says what it has in mind, for those who look at it (evaluation/viewer)."""

    def explain(self, slot: int) -> Explanation:
        """Return by name what it had in mind when it last acted, which `slot` was part of.

        It is asked right after `act`, or never: what it costs is paid here, and nothing that the
        policy does later depends on it. What still holds from an earlier step is the same object.
        """


@runtime_checkable
class Hears(Protocol):
    """A policy to which a person who watches may say something, as to a planner."""

    def hear(self, slot: int, text: str) -> None:
        """Take note of a sentence before the next `act`."""
