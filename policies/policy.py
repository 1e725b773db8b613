"""The contract of a policy. It needs numpy only, so that the rollout loop stays free of torch.

A policy serves many env slots at once. `reset` is called for a slot at each episode start and,
where the env's spec says that a new subtask clears history, at each subtask start. `act` returns
the actions of the slots that are ready, in any order and number. The action of a slot depends on
that slot's history alone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from gymnasium.spaces import Space

from longhaul.envs.specs import EnvSpec, Requirement

Actions = np.ndarray | dict[str, np.ndarray]

EXPERT_ACTION = "expert_action"
"""The observation in which worker part `expert: label` gives the expert's action."""


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


@runtime_checkable
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
class ReadsSome(Protocol):
    """A policy that says which observations it reads; of the others nothing is drawn or copied."""

    reads: Collection[str] | None
    """Their keys; None stands for all. A batch holds no others: reading one raises UndeclaredError.
    """


@runtime_checkable
class ActsAhead(Protocol):
    """A policy that decides several steps at once and reads no observation in between."""

    def act_ahead(self, batch: Batch) -> Sequence[Actions]:
        """Return for each row the actions (k, ...) of its next k >= 1 steps.

        They are those that `act` would return in k calls. They are executed one after another until
        the episode ends or the policy is reset; in between the policy is not asked.
        """


class UndeclaredError(KeyError):
    """A policy reads an observation that is not among its `reads`."""

    def __str__(self) -> str:
        return str(self.args[0])


class Declared(dict[str, np.ndarray]):
    """The observations that a policy has declared; another key raises UndeclaredError."""

    def __missing__(self, key: str) -> np.ndarray:
        raise UndeclaredError(
            f"the policy reads observation {key}, and declares to read {sorted(self)} alone: add "
            "it to `reads`, or to the env's observations"
        )


def reads_of(policy: object) -> frozenset[str] | None:
    """Return the keys of the observations that a policy reads; None stands for all."""
    reads = policy.reads if isinstance(policy, ReadsSome) else None
    return None if reads is None else frozenset(reads)


def declared(policy: object, observations: Mapping[str, np.ndarray]) -> Declared:
    """Return those of the observations that a policy reads."""
    reads = reads_of(policy)
    return Declared(
        {key: rows for key, rows in observations.items() if reads is None or key in reads}
    )


@runtime_checkable
class Writes(Protocol):
    """A policy that writes files of its own into a run's folder, as a planner its transcript."""

    def write_into(self, folder: Path) -> None:
        """Write those files into `folder` from now on; what is in them already is kept."""


@runtime_checkable
class TrainedOn(Protocol):
    """A policy that knows what its weights were trained on."""

    def trained_on(self) -> Mapping[str, Any]:
        """Return the facts, as plain JSON; {} if the weights do not say it, or are not trained.

        Keys, each where it is known: `env` (its id), `scenes` (names), `split`, `dataset` (its
        folder's name), `dataset_hash`, `episodes` (how many), `steps` (of the optimizer), `recipe`,
        `commit` (of Longhaul) and `versions` (of the packages that compute); `note` is a sentence.
        The same file gives the same facts on every machine.
        """


def trained_on(policy: object) -> Mapping[str, Any]:
    """Return what a policy's weights were trained on; {} for a policy that does not say it."""
    return policy.trained_on() if isinstance(policy, TrainedOn) else {}


@runtime_checkable
class Observes(Protocol):
    """A policy whose memory depends on its own actions, and that must know if others were done."""

    def executed(self, slots: Sequence[int], actions: Actions) -> None:
        """Take note of the actions that are executed for the last observations; row i belongs to
        `slots[i]`."""


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
    """A picture (H, W, 3) uint8 that explains a policy's action.

    `of` names a camera: with `ahead` above 0 the picture predicts what that camera sees so many
    steps later, with 0 it is drawn over what that camera sees now. It is empty for any other
    picture.
    """

    image: np.ndarray
    of: str = ""
    ahead: int = 0


@dataclass(frozen=True)
class Weights:
    """How much earlier steps count for the present action: `values` (rows, steps), none below 0.

    `rows` names each row, `ages` (steps,) says how many steps ago each column was. With `shares`
    all values add up to 1. `even` (rows, steps) has the values that uniform weights would give.
    """

    rows: tuple[str, ...]
    ages: Sequence[int]
    values: np.ndarray
    shares: bool = False
    even: np.ndarray | None = None


@dataclass(frozen=True)
class Changes:
    """The differences of a text from the step before. Each line begins with a mark: `+` for a new
    line, `-` for a line that is gone, a blank for one that stayed; a line that begins with `@` says
    how many lines that stayed are left out there."""

    lines: tuple[str, ...]


Explained = str | float | Picture | Weights | Changes
Explanation = Mapping[str, Explained]


@runtime_checkable
class Explains(Protocol):
    """A policy that can explain its actions, for the viewer (evaluation/viewer)."""

    def explain(self, slot: int) -> Explanation:
        """Return the explanation of a slot's last action, by name.

        It is called right after an `act` that `slot` was in, or not at all: its cost arises here,
        and nothing that the policy does later depends on it. An item that still holds from an
        earlier step is the same object as there.
        """


@runtime_checkable
class TakesCorrections(Protocol):
    """A policy to which a person who watches may say something, such as a planner."""

    def correct(self, slot: int, text: str) -> None:
        """Take note of a person's sentence before the next `act`."""
