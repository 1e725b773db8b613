"""From a composed configs/rollout.yaml to a finished run."""

from __future__ import annotations

from typing import Any

from omegaconf import DictConfig, OmegaConf
from rich.console import Console

from longhaul.configs.build import (
    build_policy,
    env_for,
    require_numbers,
    resolve_device,
    setting_for,
    worker_parts,
)
from longhaul.configs.navigation import with_dataset
from longhaul.evaluation.loop.evaluate import evaluate
from longhaul.evaluation.loop.task import Task, open_task
from longhaul.evaluation.records.journal import TooManyErrorsError
from longhaul.policies.policy import Policy

LEAST = {
    "seed": 0,
    "workers": 1,
    "videos.first": 0,
    "videos.failures": 0,
    "engine.hang_s": 0.1,
    "engine.max_errors": 1,
    "episodes": 1,
    "videos.every": 1,
    "explain": 0,
}
OPTIONAL = ("episodes", "videos.every")


def open_rollout(cfg: DictConfig) -> tuple[Task, Policy, dict[str, Any]]:
    """Check a configuration; return its env with episodes, its policy, and itself, resolved.

    Raises ConfigError for what the user got wrong.
    """
    config: Any = OmegaConf.to_container(cfg, resolve=True, throw_on_missing=True)
    require_numbers(config, LEAST, OPTIONAL)
    config["device"] = resolve_device(config["device"])
    parts = worker_parts(config["policy"])
    env = env_for(with_dataset(config["env"], Console(stderr=True)), config["policy"])
    task = open_task(env, parts, config["split"], config["episodes"], config["seed"])
    config["split"] = task.split
    return task, build_policy(config["policy"], setting_for(task, config)), config


def roll_out(cfg: DictConfig) -> dict[str, Any]:
    """Evaluate what a configuration says; returns the run's summary.

    Raises ConfigError as `open_rollout`, and SystemExit for too many errors in a row.
    """
    task, policy, config = open_rollout(cfg)
    try:
        return evaluate(task, policy, config, OmegaConf.to_yaml(config), Console(stderr=True))
    except TooManyErrorsError as error:
        raise SystemExit(f"error: {error}") from error
