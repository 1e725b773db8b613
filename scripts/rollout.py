"""Evaluate a policy: python scripts/rollout.py policy=expert env=calvin episodes=20"""

from __future__ import annotations

import sys

from omegaconf import DictConfig, OmegaConf
from rich.console import Console

from configs.app import run
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
from evaluation.report_table import print_table
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


def main(cfg: DictConfig) -> None:
    """Check the configuration, build env and policy, evaluate."""
    config = OmegaConf.to_container(cfg, resolve=True, throw_on_missing=True)
    assert isinstance(config, dict)
    require_numbers(config, LEAST, OPTIONAL)
    config["device"] = resolve_device(config["device"])
    parts = worker_parts(config["policy"])
    env = env_for(with_dataset(config["env"], Console(stderr=True)), config["policy"])
    task = open_task(env, parts, config["split"], config["episodes"], config["seed"])
    config["split"] = task.split
    policy = build_policy(config["policy"], setting_for(task, config))
    try:
        summary = evaluate(task, policy, config, OmegaConf.to_yaml(config), Console(stderr=True))
    except TooManyErrorsError as error:
        raise SystemExit(f"error: {error}") from error
    print_table(summary)


if __name__ == "__main__":
    sys.exit(run(main, "rollout"))
