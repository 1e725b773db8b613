"""Train a policy on demonstrations.

    longhaul train policy=seer data.path=runs/demos/calvin

The same command goes on where it stopped. torchrun and accelerate launch start several processes.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from typing import Any

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf
from rich.console import Console

from longhaul.configs.app import run


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, train, and return the exit code."""
    return run(train, "train", arguments, folder="training", about=__doc__)


def train(cfg: DictConfig) -> int:
    """Check the configuration, open data and learner, train; return the exit code.

    Raises KeyboardInterrupt after Ctrl-C, when the state is saved.
    """
    import torch

    from longhaul.configs.build import resolve_device
    from longhaul.configs.train import evaluator, open_data, open_folder, trained_on
    from longhaul.evaluation.records.logger import wandb_options
    from longhaul.evaluation.settings import LoggerSettings
    from longhaul.policies.training.options import Options
    from longhaul.policies.training.train import Trainer

    config: Any = OmegaConf.to_container(cfg, resolve=True, throw_on_missing=True)
    logger = LoggerSettings.of(config)
    config["device"] = resolve_device(config["device"])
    every = config["evaluate"]["every"]
    session = {"minutes": config["minutes"], "seed": config["seed"], "evaluate_every": every}
    options = Options(**config["optimization"], **session)
    if config["threads"] is not None:
        torch.set_num_threads(config["threads"])
    learner, data, facts = open_data(config)
    main_process = os.environ.get("RANK", "0") == "0"  # as torchrun and accelerate number them
    console = Console(stderr=True, quiet=not main_process)
    choices, text = HydraConfig.get().runtime.choices, OmegaConf.to_yaml(config)
    with open_folder(config, facts["dataset_hash"], text, main_process) as folder:
        console.print(f"run folder: {folder}")
        console.print(f"{len(data.train)} windows of {data.train.trajectories} trajectories")
        if data.validation is None:
            console.print(
                f"no validation: too few trajectories for data.holdout={config['data']['holdout']}"
            )
        evaluate = evaluator(config, choices["policy"], folder, console) if every else None
        tracker = None
        if logger.kind == "wandb":
            told = wandb_options(folder)
            tracker = {"project": logger.project, "config": config, "wandb": told}
        told_of = (
            trained_on(config, facts, choices.get("recipe", ""), folder) if main_process else {}
        )
        trainer = Trainer(
            learner, data, options, folder, console, config["device"], evaluate, tracker, told_of
        )
        best = trainer.run()
        left = trainer.step < options.steps
        over = f"; minutes={options.minutes} are over, the same command goes on from here"
        ended = over if left and not trainer.stopped_by else ""
        console.print(f"{trainer.step} of {options.steps} steps done{ended}")
        if main_process:
            print(best)
    if left and trainer.stopped_by == signal.SIGINT:
        raise KeyboardInterrupt
    if left and trainer.stopped_by:
        console.print("terminated; the same command goes on from here")
        return 128 + trainer.stopped_by
    return 0
