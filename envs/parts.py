"""Worker parts: scripted helpers that stand beside the simulator, asked for by a policy's YAML.

`expert: act` executes the env's expert instead of the policy's action; `expert: label` executes
the policy's action and adds the expert's as observation `expert_action` (DAgger, noise
injection). `labels: windows` has the env's labeller look on and reports, with the episode's end,
which tasks it saw being done: `info["windows"]`. The parts in use stand in every record, so an
oracle is never mistaken for a result.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, SupportsFloat

import gymnasium
import numpy as np
from gymnasium import spaces

from envs.specs import ConfigError

PARTS = {"expert": ("act", "label"), "labels": ("windows",)}


def with_parts(
    env: gymnasium.Env[Any, Any], parts: Mapping[str, str] | None
) -> gymnasium.Env[Any, Any]:
    """Wrap `env` (which fulfils envs.specs.Env) in the parts asked for.

    Raises ConfigError naming the valid parts and modes for an unknown one, and for a labeller
    where the env has none.
    """
    for part, mode in (parts or {}).items():
        if mode not in PARTS.get(part, ()):
            valid = ", ".join(f"{name}: {'|'.join(modes)}" for name, modes in PARTS.items())
            raise ConfigError(f"policy.parts.{part}={mode} is unknown; valid: {valid}")
        if part == "labels" and not hasattr(env.unwrapped, "labeller"):
            raise ConfigError(f"policy.parts.{part}={mode}: this env has no labeller; leave it out")
        env = WRAPPERS[mode](env)
    return env


class ExpertActs(gymnasium.Wrapper[Any, Any, Any, Any]):
    """Executes the expert's action, and reports it as `info["executed_action"]`."""

    def reset(self, **kwargs: Any) -> tuple[Any, dict[str, Any]]:
        observation, info = self.env.reset(**kwargs)
        self._expert = _expert_for(self, kwargs)
        return observation, info

    def step(self, action: Any) -> tuple[Any, SupportsFloat, bool, bool, dict[str, Any]]:
        executed = self._expert.act()
        observation, reward, terminated, truncated, info = self.env.step(executed)
        return observation, reward, terminated, truncated, {**info, "executed_action": executed}


class ExpertLabels(gymnasium.Wrapper[Any, Any, Any, Any]):
    """Adds what the expert would do now to a dict observation."""

    def __init__(self, env: gymnasium.Env[Any, Any]) -> None:
        super().__init__(env)
        assert isinstance(env.observation_space, spaces.Dict)
        self.observation_space = spaces.Dict(
            {**env.observation_space.spaces, "expert_action": env.action_space}
        )

    def reset(self, **kwargs: Any) -> tuple[Any, dict[str, Any]]:
        observation, info = self.env.reset(**kwargs)
        self._expert = _expert_for(self, kwargs)
        return {**observation, "expert_action": self._expert.act()}, info

    def step(self, action: Any) -> tuple[Any, SupportsFloat, bool, bool, dict[str, Any]]:
        observation, reward, terminated, truncated, info = self.env.step(action)
        # Nothing acts on the last observation, and the expert has no subtask left to advise on.
        over = terminated or truncated
        advice = np.zeros_like(action) if over else self._expert.act()
        return {**observation, "expert_action": advice}, reward, terminated, truncated, info


class Windows(gymnasium.Wrapper[Any, Any, Any, Any]):
    """Adds what the env's labeller found to the info of an episode's end."""

    def reset(self, **kwargs: Any) -> tuple[Any, dict[str, Any]]:
        observation, info = self.env.reset(**kwargs)
        self._labeller = self.unwrapped.labeller()  # type: ignore[attr-defined]
        self._labeller.look()
        self._seed = kwargs["options"]["episode"].seed
        return observation, info

    def step(self, action: Any) -> tuple[Any, SupportsFloat, bool, bool, dict[str, Any]]:
        observation, reward, terminated, truncated, info = self.env.step(action)
        self._labeller.look()
        if terminated or truncated:
            info = {**info, "windows": self._labeller.windows(self._seed)}
        return observation, reward, terminated, truncated, info


WRAPPERS = {"act": ExpertActs, "label": ExpertLabels, "windows": Windows}


def _expert_for(env: gymnasium.Wrapper[Any, Any, Any, Any], reset: Mapping[str, Any]) -> Any:
    expert = env.unwrapped.expert()  # type: ignore[attr-defined]
    expert.reset(reset["options"]["episode"].seed)
    return expert
