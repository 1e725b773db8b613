"""Opens and runs a rollout from a composed configs/rollout.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from omegaconf import DictConfig, OmegaConf

from longhaul.configs.build import (
    build_with_copies,
    config_text,
    env_for,
    resolve_device,
    setting_for,
    worker_parts,
)
from longhaul.configs.navigation import with_dataset
from longhaul.evaluation.loop.evaluate import evaluate
from longhaul.evaluation.loop.replica import Copies
from longhaul.evaluation.loop.task import Task, open_task
from longhaul.evaluation.settings import EvaluationSettings
from longhaul.output import Output
from longhaul.policies.policy import Policy


@dataclass(frozen=True)
class OpenRollout:
    """An env with its episodes, a policy and how it is copied, and the settings and resolved
    configuration of both."""

    task: Task
    policy: Policy
    copies: Copies
    settings: EvaluationSettings
    config: dict[str, Any]


def open_rollout(cfg: DictConfig, output: Output) -> OpenRollout:
    """Check a configuration and build the env, the policy and the settings that it describes.

    `output` is told what this is at.

    Raises ConfigError for values that are not valid.
    """
    config: Any = OmegaConf.to_container(cfg, resolve=True, throw_on_missing=True)
    config["device"] = resolve_device(config["device"])
    settings = EvaluationSettings.of(config)
    output.at(f"opening env {config['env']['id']}")
    parts = worker_parts(config["policy"])
    env = env_for(with_dataset(config["env"], output.messages), config["policy"])
    task = open_task(env, parts, settings.split, settings.episodes, settings.seed)
    config["split"] = task.split
    output.at(f"loading policy {config['policy']['_target_']}")
    policy, copies = build_with_copies(config["policy"], setting_for(task, settings))
    output.started()
    return OpenRollout(task, policy, copies, settings, config)


def roll_out(cfg: DictConfig, output: Output) -> dict[str, Any]:
    """Run the evaluation that a configuration describes and return the run's summary.

    Raises ConfigError as `open_rollout` does, and TooManyErrorsError after too many in a row.
    """
    ours = open_rollout(cfg, output)
    text = config_text(ours.config)
    return evaluate(
        ours.task, ours.policy, ours.settings, ours.config, text, output.messages, ours.copies
    )
