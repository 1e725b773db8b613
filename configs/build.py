"""Builds policies, their settings and the device from a composed configuration."""

from __future__ import annotations

import ctypes
import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from omegaconf import OmegaConf

from longhaul.configs.outside import class_of
from longhaul.errors import ConfigError, require_known, unknown
from longhaul.evaluation.loop.replica import Copies
from longhaul.evaluation.loop.task import Task
from longhaul.evaluation.settings import RolloutSettings
from longhaul.plugins import POLICIES
from longhaul.policies.policy import NeedsParts, Policy, Setting
from longhaul.secrets import hidden

DEVICES = ("cpu", "cuda", "auto")
NOT_OPTIONS = ("_target_", "parts", "env")
"""Keys of a policy's YAML that are not options of its class."""


def build_policy(config: Mapping[str, Any], setting: Setting) -> Policy:
    """Build the class that `_target_` names, with the other values as options.

    An option that has a `_target_` itself is a policy inside this one and is built in the same way.
    `parts` and `env` are options of the env, not of the policy. Raises ConfigError for a class that
    `class_of` does not allow, and for an unknown option.
    """
    return policy_maker(config, setting)()


def build_with_copies(config: Mapping[str, Any], setting: Setting) -> tuple[Policy, Copies]:
    """Build the policy as `build_policy` does, and say how workers get copies of it."""
    known = set(sys.modules)
    policy = build_policy(config, setting)
    imported = [name for name in sys.modules if name not in known]
    return policy, Copies(policy_maker(config, replace(setting, slots=1)), imported)


def policy_maker(config: Mapping[str, Any], setting: Setting) -> Callable[[], Policy]:
    """Return what builds the policy, as `build_policy` does; another process can do so, too.

    It names classes that are allowed here, so the other process need not know plugin folders.
    Raises ConfigError as `build_policy` does.
    """
    policy_class = class_of(config["_target_"], POLICIES)
    options = {k: v for k, v in config.items() if k not in NOT_OPTIONS}
    inner = {
        name: policy_maker(value, setting)
        for name, value in options.items()
        if isinstance(value, Mapping) and "_target_" in value
    }
    known = set(inspect.signature(policy_class).parameters) - {"setting"}
    for name in options.keys() - known:
        raise ConfigError(unknown(f"policy.{name}", sorted(known)))
    return partial(_make, policy_class, setting, options, inner)


def _make(
    policy_class: Callable[..., Policy],
    setting: Setting,
    options: Mapping[str, Any],
    inner: Mapping[str, Callable[[], Policy]],
) -> Policy:
    policies = {name: make() for name, make in inner.items()}
    return policy_class(setting=setting, **{**options, **policies})


def worker_parts(config: Mapping[str, Any]) -> dict[str, str]:
    """Return the worker parts that a policy asks for: its `parts`, and those that its class says
    its options need."""
    policy_class = class_of(config["_target_"], POLICIES)
    defaults = {p.name: p.default for p in inspect.signature(policy_class).parameters.values()}
    needed = {}
    if isinstance(policy_class, NeedsParts):
        needed = dict(policy_class.worker_parts({**defaults, **config}))
    return {**config.get("parts", {}), **needed}


def config_text(config: Mapping[str, Any]) -> str:
    """Return the text of a run's config.yaml, without secrets."""
    return OmegaConf.to_yaml(hidden(config))


def env_for(env: Mapping[str, Any], policy: Mapping[str, Any]) -> dict[str, Any]:
    """Return an env's options; where one is null, the policy's YAML gives its value under `env`."""
    asked = policy.get("env") or {}
    return {key: asked.get(key) if value is None else value for key, value in env.items()}


def setting_for(task: Task, settings: RolloutSettings) -> Setting:
    """Return the setting that a policy is built for."""
    return Setting(
        env=task.conventions,
        observation_space=task.observation_space,
        action_space=task.action_space,
        slots=settings.workers,
        device=settings.device,
        checkpoint=settings.checkpoint,
    )


def resolve_device(name: str) -> str:
    """Return cpu or cuda for cpu, cuda or auto.

    Raises ConfigError for another name, and for cuda where there is none.
    """
    require_known("device", name, DEVICES)
    if name == "cpu":
        return name
    if _has_cuda():
        return "cuda"
    if name == "cuda":
        raise ConfigError("device=cuda: torch finds no CUDA device here; valid: cpu, auto")
    return "cpu"


def _has_cuda() -> bool:
    try:
        ctypes.CDLL("libcuda.so.1")  # without a driver there is no need to load torch
    except OSError:
        return False
    import torch

    return torch.cuda.is_available()
