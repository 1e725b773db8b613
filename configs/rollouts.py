"""Opens and runs a rollout from a composed configs/rollout.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from omegaconf import DictConfig, OmegaConf
from rich.console import Console

from longhaul.configs.build import (
    build_policy,
    env_for,
    resolve_device,
    setting_for,
    worker_parts,
)
from longhaul.configs.navigation import with_dataset
from longhaul.evaluation.loop.evaluate import evaluate
from longhaul.evaluation.loop.task import Task, open_task
from longhaul.evaluation.records.journal import TooManyErrorsError
from longhaul.evaluation.settings import EvaluationSettings
from longhaul.policies.policy import Policy


@dataclass(frozen=True)
class OpenRollout:
    """An env with its episodes, a policy, and the settings and resolved configuration of both."""

    task: Task
    policy: Policy
    settings: EvaluationSettings
    config: dict[str, Any]


def open_rollout(cfg: DictConfig) -> OpenRollout:
    """Check a configuration and build the env, the policy and the settings that it describes.

    Raises ConfigError for values that are not valid.
    """
    config: Any = OmegaConf.to_container(cfg, resolve=True, throw_on_missing=True)
    config["device"] = resolve_device(config["device"])
    settings = EvaluationSettings.of(config)
    parts = worker_parts(config["policy"])
    env = env_for(with_dataset(config["env"], Console(stderr=True)), config["policy"])
    task = open_task(env, parts, settings.split, settings.episodes, settings.seed)
    config["split"] = task.split
    policy = build_policy(config["policy"], setting_for(task, settings))
    return OpenRollout(task, policy, settings, config)


def roll_out(cfg: DictConfig) -> dict[str, Any]:
    """Run the evaluation that a configuration describes and return the run's summary.

    Raises ConfigError as `open_rollout` does, and SystemExit after too many errors in a row.
    """
    ours = open_rollout(cfg)
    text, console = OmegaConf.to_yaml(ours.config), Console(stderr=True)
    try:
        return evaluate(ours.task, ours.policy, ours.settings, ours.config, text, console)
    except TooManyErrorsError as error:
        raise SystemExit(f"error: {error}") from error
