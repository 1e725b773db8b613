"""What the configuration offers: every env and policy YAML, opened the way the scripts do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from omegaconf import OmegaConf

from longhaul.configs.build import build_policy, env_for
from longhaul.configs.filling import CONFIG_FOLDER, compose
from longhaul.configs.navigation import with_dataset
from longhaul.evaluation.loop.task import Task, open_task
from longhaul.policies.policy import Policy, Setting


def names(group: str) -> list[str]:
    """Return the choices of a configuration group."""
    return sorted(path.stem for path in (CONFIG_FOLDER / group).glob("*.yaml"))


def load(group: str, name: str) -> dict[str, Any]:
    """Return one choice as plain data, with what it is composed of."""
    config = OmegaConf.to_container(compose("rollout", [f"{group}={name}"])[group])
    assert isinstance(config, dict)
    return {str(key): value for key, value in config.items()}


def open_env(
    name: str,
    episodes: int = 3,
    seed: int = 0,
    parts: Mapping[str, str] | None = None,
    policy: Mapping[str, Any] | None = None,
) -> Task:
    """Open an env by its YAML with its first few episodes, and the worker parts asked for; what
    it leaves open is as the policy of that configuration asks."""
    options = env_for(with_dataset(load("env", name)), policy or {})
    return open_task(options, parts or {}, None, episodes, seed)


def build(name: str, task: Task, slots: int, **options: Any) -> Policy:
    """Build a policy by its YAML for an opened env, on the CPU."""
    setting = Setting(task.conventions, task.observation_space, task.action_space, slots)
    return build_policy({**load("policy", name), **options}, setting)
