"""Worker parts: scripted helpers that stand beside the simulator, asked for by a policy's YAML.

`expert: act` executes the env's expert instead of the policy's action; `expert: label` executes
the policy's action and adds the expert's as observation `expert_action` (DAgger, noise
injection). `labels: windows` has the env's labeler look on and reports, with the episode's end,
which tasks it saw being done: `info["windows"]`. `skills: oracle` replaces the action by a skill
in words, which the env carries out (`perform`), and what cannot be is refused (`info["refusal"]`).
`captions: oracle` adds the true scene in words (`caption`) to the observation, `success: oracle`
whether the last step did what it was to do (`succeeded`, as 0 or 1). Each part stands on an ability
of the env (`longhaul.envs.hooks`). Texts are observations and actions of `longhaul.envs.text`. The
parts in use stand in every record, so an oracle is never mistaken for a result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

from longhaul.envs.drawing import PassesOn
from longhaul.envs.episodic import EpisodicEnv
from longhaul.envs.hooks import (
    Captions,
    Demonstrates,
    Expert,
    Labels,
    Performs,
    StepResult,
    Verifies,
)
from longhaul.envs.text import decode, encode, text_space
from longhaul.errors import ConfigError, unknown

PARTS = {
    "skills": ("oracle",),
    "captions": ("oracle",),
    "success": ("oracle",),
    "labels": ("windows",),
    "expert": ("act", "label"),
}
"""The modes of every part. A wrapper in this order stands around those before it."""

ABILITIES: Mapping[str, type] = {
    "skills": Performs,
    "captions": Captions,
    "success": Verifies,
    "labels": Labels,
    "expert": Demonstrates,
}
"""What an env must offer for a part."""

SKILL_SIZE, CAPTION_SIZE = 512, 4096
"""Bytes of a skill and of a caption."""


def with_parts(
    env: gymnasium.Env[Any, Any], parts: Mapping[str, str] | None
) -> gymnasium.Env[Any, Any]:
    """Wrap `env` (which fulfills longhaul.envs.specs.Env) in the parts asked for.

    Raises ConfigError naming the valid parts and modes for an unknown one, and for one whose
    ability the env lacks.
    """
    wanted = dict(parts or {})
    for part, mode in wanted.items():
        if mode not in PARTS.get(part, ()):
            valid = [f"{name}: {'|'.join(modes)}" for name, modes in PARTS.items()]
            raise ConfigError(unknown(f"policy.parts.{part}={mode}", valid))
        if not isinstance(env.unwrapped, ABILITIES[part]):
            hook = f"longhaul.envs.hooks.{ABILITIES[part].__name__}"
            raise ConfigError(
                f"policy.parts.{part}={mode}: this env does not offer it ({hook}); leave it out"
            )
    if "skills" in wanted and "expert" in wanted:
        raise ConfigError("policy.parts: the expert gives no skills; leave out skills or expert")
    for part in PARTS:
        if part in wanted:
            env = WRAPPERS[part, wanted[part]](env)
    return env


class ExpertActs(PassesOn):
    """Executes the expert's action, and reports it as `info["executed_action"]`."""

    def reset(self, **kwargs: Any) -> tuple[Any, dict[str, Any]]:
        observation, info = self.env.reset(**kwargs)
        self._expert = _expert_for(self, kwargs)
        return observation, info

    def step(self, action: Any) -> StepResult:
        executed = self._expert.act()
        observation, reward, terminated, truncated, info = self.env.step(executed)
        return observation, reward, terminated, truncated, {**info, "executed_action": executed}


class ExpertLabels(PassesOn):
    """Adds what the expert would do now to a dict observation; a dict of arrays as one vector."""

    def __init__(self, env: gymnasium.Env[Any, Any]) -> None:
        super().__init__(env)
        assert isinstance(env.observation_space, spaces.Dict)
        actions = env.action_space
        self._label_space = (
            spaces.flatten_space(actions) if isinstance(actions, spaces.Dict) else actions
        )
        self.observation_space = spaces.Dict(
            {**env.observation_space.spaces, "expert_action": self._label_space}
        )

    def reset(self, **kwargs: Any) -> tuple[Any, dict[str, Any]]:
        observation, info = self.env.reset(**kwargs)
        self._expert = _expert_for(self, kwargs)
        return {**observation, "expert_action": self._label()}, info

    def step(self, action: Any) -> StepResult:
        observation, reward, terminated, truncated, info = self.env.step(action)
        # Nothing acts on the last observation, and the expert has no subtask left to advise on.
        over = terminated or truncated
        space = self._label_space
        label = np.zeros(space.shape or (), space.dtype) if over else self._label()
        return {**observation, "expert_action": label}, reward, terminated, truncated, info

    def _label(self) -> Any:
        advice = self._expert.act()
        space = self.env.action_space
        return spaces.flatten(space, advice) if isinstance(space, spaces.Dict) else advice


class Windows(PassesOn):
    """Adds what the env's labeler found to the info of an episode's end."""

    def reset(self, **kwargs: Any) -> tuple[Any, dict[str, Any]]:
        observation, info = self.env.reset(**kwargs)
        ours = self.unwrapped
        assert isinstance(ours, Labels)
        self._labeler = ours.labeler()
        self._labeler.look()
        self._seed = _seed_of(self, kwargs)
        return observation, info

    def step(self, action: Any) -> StepResult:
        observation, reward, terminated, truncated, info = self.env.step(action)
        self._labeler.look()
        if terminated or truncated:
            info = {**info, "windows": self._labeler.windows(self._seed)}
        return observation, reward, terminated, truncated, info


class Skills(PassesOn):
    """Takes actions `skill` and `skill_length`: a text that the env carries out."""

    def __init__(self, env: gymnasium.Env[Any, Any]) -> None:
        super().__init__(env)
        ours = env.unwrapped
        assert isinstance(ours, Performs)
        self._ours = ours
        self.action_space = spaces.Dict({**text_space("skill", SKILL_SIZE)})

    def step(self, action: Any) -> StepResult:
        return self._ours.perform(decode("skill", action))


class Adds(PassesOn):
    """Adds arrays to a dict observation: `arrays` returns those of the present state."""

    def __init__(
        self,
        env: gymnasium.Env[Any, Any],
        added: Mapping[str, spaces.Box],
        arrays: Callable[[], Mapping[str, Any]],
    ) -> None:
        super().__init__(env)
        assert isinstance(env.observation_space, spaces.Dict)
        self.observation_space = spaces.Dict({**env.observation_space.spaces, **added})
        self._arrays = arrays

    def reset(self, **kwargs: Any) -> tuple[Any, dict[str, Any]]:
        observation, info = self.env.reset(**kwargs)
        return {**observation, **self._arrays()}, info

    def step(self, action: Any) -> StepResult:
        observation, reward, terminated, truncated, info = self.env.step(action)
        return {**observation, **self._arrays()}, reward, terminated, truncated, info


def with_captions(env: gymnasium.Env[Any, Any]) -> Adds:
    """Add `caption` and `caption_length`: the true scene in words."""
    ours = env.unwrapped
    assert isinstance(ours, Captions)
    space = text_space("caption", CAPTION_SIZE)
    return Adds(env, space, lambda: encode("caption", ours.caption(), CAPTION_SIZE))


def with_success(env: gymnasium.Env[Any, Any]) -> Adds:
    """Add `success` (1,): whether the last step did what it was to do, 0 after a reset."""
    ours = env.unwrapped
    assert isinstance(ours, Verifies)
    space = {"success": spaces.Box(0, 1, (1,), np.uint8)}
    return Adds(env, space, lambda: {"success": np.array([ours.succeeded()], np.uint8)})


WRAPPERS: Mapping[tuple[str, str], Callable[[gymnasium.Env[Any, Any]], gymnasium.Env[Any, Any]]] = {
    ("expert", "act"): ExpertActs,
    ("expert", "label"): ExpertLabels,
    ("labels", "windows"): Windows,
    ("skills", "oracle"): Skills,
    ("captions", "oracle"): with_captions,
    ("success", "oracle"): with_success,
}


def _expert_for(env: gymnasium.Wrapper[Any, Any, Any, Any], reset: Mapping[str, Any]) -> Expert:
    ours = env.unwrapped
    assert isinstance(ours, Demonstrates)
    expert = ours.expert()
    expert.reset(_seed_of(env, reset))
    return expert


def _seed_of(env: gymnasium.Wrapper[Any, Any, Any, Any], reset: Mapping[str, Any]) -> int:
    """Return the seed of the episode that a reset began: the given one, or the one it drew."""
    episode = (reset.get("options") or {}).get("episode")
    if episode is None:
        ours = env.unwrapped
        assert isinstance(ours, EpisodicEnv)
        episode = ours.episode
    return int(episode.seed)
