"""Plays one episode in this process, for tools that follow its steps; a rollout has workers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import gymnasium
import numpy as np

from longhaul.envs.episode import Episode, Status
from longhaul.envs.specs import EnvSpec
from longhaul.evaluation.loop.actions import as_batch, check_action, rows
from longhaul.evaluation.loop.protocol import Told, start_of, status_of
from longhaul.policies.policy import Batch, Policy, declared


@dataclass(frozen=True)
class Moment:
    """The state after a reset or a step: the observation, `info`, and at the end of the episode its
    `status`, which is None before."""

    observation: Mapping[str, np.ndarray]
    info: Mapping[str, Any]
    status: Status | None


def play(
    env: gymnasium.Env[Any, Any], episode: Episode, policy: Policy, conventions: EnvSpec
) -> Iterator[Moment]:
    """Play an episode as a rollout does, and yield every state, the last one with its status.

    The arrays of an observation belong to the env: copy those that are kept. Raises whatever env or
    policy raise, and InvalidActionError.
    """
    observation, info = env.reset(seed=episode.seed, options={"episode": episode})
    before: Told | None = None
    status: Status | None = None
    while status is None:
        yield Moment(observation, info, None)
        now = Told.of(info)
        start = start_of(episode, before, now, conventions.clears_history)
        if start is not None:
            policy.reset([0], [start])
        before = now
        seen = declared(policy, as_batch(observation))
        (action,) = rows(policy.act(Batch((0,), seen)), 1)
        check_action(env.action_space, action, conventions.action)
        observation, _, terminated, truncated, info = env.step(action)
        status = status_of(terminated, truncated, info["outcomes"])
    yield Moment(observation, info, status)
