"""From a composed configs/rollout.yaml to a finished run."""

from __future__ import annotations

from typing import Any

from omegaconf import DictConfig, OmegaConf
from rich.console import Console

from configs.build import (
    build_policy,
    env_for,
    require_numbers,
    resolve_device,
    setting_for,
    worker_parts,
)
from configs.navigation import with_dataset
from evaluation.evaluate import evaluate
from evaluation.journal import TooManyErrorsError
from evaluation.task import open_task

LEAST = {
    "seed": 0,
    "workers": 1,
    "videos.first": 0,
    "videos.failures": 0,
    "engine.hang_s": 0.1,
    "engine.max_errors": 1,
    "episodes": 1,
    "videos.every": 1,
}
OPTIONAL = ("episodes", "videos.every")


def roll_out(cfg: DictConfig) -> dict[str, Any]:
    """Check the configuration, build env and policy, evaluate; returns the run's summary.

    Raises ConfigError for what the user got wrong, and SystemExit for too many errors in a row.
    """
    config: Any = OmegaConf.to_container(cfg, resolve=True, throw_on_missing=True)
    require_numbers(config, LEAST, OPTIONAL)
    config["device"] = resolve_device(config["device"])
    parts = worker_parts(config["policy"])
    env = env_for(with_dataset(config["env"], Console(stderr=True)), config["policy"])
    task = open_task(env, parts, config["split"], config["episodes"], config["seed"])
    config["split"] = task.split
    policy = build_policy(config["policy"], setting_for(task, config))
    try:
        return evaluate(task, policy, config, OmegaConf.to_yaml(config), Console(stderr=True))
    except TooManyErrorsError as error:
        raise SystemExit(f"error: {error}") from error
