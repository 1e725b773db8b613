"""Actors: they turn a skill into an action of the env."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from gymnasium.spaces import Box, Dict, Space
from numpy.typing import NDArray

from longhaul.envs.specs import Requirement
from longhaul.envs.text import encode
from longhaul.errors import ConfigError, unknown
from longhaul.policies.planner.skills import Skill
from longhaul.policies.policy import Batch, Policy, Setting, Start, trained_on

Row = dict[str, NDArray[Any]]

ACTORS = ("oracle", "cliport")


class Actor(Protocol):
    """Carries out one skill at a step; for None nothing is done in that step."""

    requirement: Requirement
    trained: bool | None

    def act(
        self, batch: Batch, starts: Sequence[Start], skills: Sequence[Skill | None]
    ) -> list[Row]:
        """Return an action for each row of the batch."""

    def provenance(self) -> Mapping[str, str]:
        """Return the hashes and options of this actor that belong to a run's identity."""


class OracleActor:
    """Gives the skill in words to worker part `skills: oracle`; an empty text does nothing."""

    requirement = Requirement()
    trained: bool | None = None

    def __init__(self, setting: Setting) -> None:
        space = setting.action_space
        text = space.spaces.get("skill") if isinstance(space, Dict) else None
        if not isinstance(text, Box):
            raise ConfigError("policy.actor=oracle needs an env that takes skills (lohoravens)")
        self._size = text.shape[0]

    def act(
        self, batch: Batch, starts: Sequence[Start], skills: Sequence[Skill | None]
    ) -> list[Row]:
        texts = ["" if skill is None else skill.to_json() for skill in skills]
        return [encode("skill", text, self._size) for text in texts]

    def provenance(self) -> Mapping[str, str]:
        return {}


class PolicyActor:
    """A learned policy carries out each skill as an instruction of its own.

    Where nothing is to be done, both poses are the corner of the workspace, not turned.
    """

    def __init__(self, policy: Policy, setting: Setting) -> None:
        self._policy = policy
        self.requirement, self.trained = policy.requirement, policy.trained
        space = setting.action_space
        assert isinstance(space, Dict)
        self._rest = {key: _corner(box) for key, box in space.spaces.items()}

    def act(
        self, batch: Batch, starts: Sequence[Start], skills: Sequence[Skill | None]
    ) -> list[Row]:
        rows: list[Row] = [self._rest for _ in skills]
        busy = [(i, skill) for i, skill in enumerate(skills) if skill is not None]
        if not busy:
            return rows
        index = [i for i, _ in busy]
        slots = tuple(batch.slots[i] for i in index)
        told = [
            Start(starts[i].episode_id, starts[i].seed, str(skill), starts[i].new_episode)
            for i, skill in busy
        ]
        self._policy.reset(slots, told)
        seen = {key: values[index] for key, values in batch.observations.items()}
        actions = self._policy.act(Batch(slots, seen))
        assert isinstance(actions, dict)
        for row, i in enumerate(index):
            rows[i] = {key: values[row] for key, values in actions.items()}
        return rows

    def provenance(self) -> Mapping[str, str]:
        return self._policy.provenance()

    def trained_on(self) -> Mapping[str, Any]:
        return trained_on(self._policy)


def _corner(poses: Space[Any]) -> NDArray[Any]:
    """Return the pose (7,) at the lowest xyz of a space of poses, not turned (quaternion xyzw)."""
    assert isinstance(poses, Box)
    return np.array([*poses.low[:3], 0, 0, 0, 1], poses.dtype)


def build_actor(name: str, options: Mapping[str, Mapping[str, Any]], setting: Setting) -> Actor:
    """Build an actor; `options` maps each learned actor to the options of its YAML.

    Raises ConfigError naming the valid actors.
    """
    if name == "oracle":
        return OracleActor(setting)
    if name == "cliport":
        from longhaul.policies.cliport.policy import CliportPolicy

        own = {k: v for k, v in options.get(name, {}).items() if k not in ("_target_", "parts")}
        learned: Any = CliportPolicy(setting, **own)
        return PolicyActor(learned, setting)
    raise ConfigError(unknown(f"policy.actor={name}", ACTORS))
