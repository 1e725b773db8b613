"""Whether an env in its wrappers can leave out observations that nobody reads."""

from __future__ import annotations

from typing import Any

import gymnasium
from gymnasium.wrappers import OrderEnforcing, PassiveEnvChecker, TimeLimit

from longhaul.envs.hooks import DrawsOnDemand


class PassesOn(gymnasium.Wrapper[Any, Any, Any, Any]):
    """A wrapper that reads no observation of the env inside; it passes on what there is."""


PASSING_ON = (PassesOn, OrderEnforcing, PassiveEnvChecker, TimeLimit)


def draws_on_demand(env: gymnasium.Env[Any, Any]) -> DrawsOnDemand | None:
    """Return the env inside its wrappers if it draws on demand, None if it does not.

    None also where a wrapper may read the observations of the env inside.
    """
    while isinstance(env, gymnasium.Wrapper):
        if not isinstance(env, PASSING_ON):
            return None
        env = env.env
    return env if isinstance(env, DrawsOnDemand) else None
