"""Train a policy on demonstrations.

    longhaul train policy=seer data.path=runs/demos/calvin

The same command goes on where it stopped. torchrun and accelerate launch start several processes.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf

from longhaul.configs.app import run
from longhaul.configs.build import config_text
from longhaul.output import Output
from longhaul.secrets import hidden

if TYPE_CHECKING:
    from longhaul.policies.training.train import Trainer


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, train, and return the exit code."""
    return run(train, "train", arguments, folder="training", about=__doc__)


def train(cfg: DictConfig, output: Output) -> int:
    """Check the configuration, open data and learner, train; return the exit code.

    Raises KeyboardInterrupt after Ctrl-C, when the state is saved.
    """
    main_process = os.environ.get("RANK", "0") == "0"  # as torchrun and accelerate number them
    output.quiet |= not main_process
    import torch

    from longhaul.configs.build import resolve_device
    from longhaul.configs.train import evaluator, open_data, open_folder, trained_on
    from longhaul.console import logged
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
    output.at("reading the demonstrations")
    learner, data, facts = open_data(config, output.messages)
    output.started()
    console = output.messages
    choices, text = HydraConfig.get().runtime.choices, config_text(config)
    with (
        open_folder(config, facts["dataset_hash"], text, main_process) as folder,
        logged(console, folder) if main_process else nullcontext(),
    ):
        console.print(f"run folder: {folder}")
        console.print(f"{len(data.train)} windows of {data.train.trajectories} trajectories")
        if data.validation is None:
            console.print(
                f"no validation: too few trajectories for data.holdout={config['data']['holdout']}"
            )
        evaluate = evaluator(config, choices["policy"], folder, console) if every else None
        tracker = None
        if logger.kind == "wandb":
            told = wandb_options(folder) if main_process else {}  # only that one logs
            tracker = {"project": logger.project, "config": hidden(config), "wandb": told}
        told_of = (
            trained_on(config, facts, choices.get("recipe", ""), folder) if main_process else {}
        )
        trainer = Trainer(
            learner, data, options, folder, console, config["device"], evaluate, tracker, told_of
        )
        best = trainer.run()
        done = {"run_dir": folder, "steps": trainer.step, "of": options.steps, "best": best}
        return end(trainer, done, output if main_process else None)


def end(trainer: Trainer, done: Mapping[str, Any], output: Output | None) -> int:
    """Say how a session ended, in the main process (`output`); return the exit code."""
    left, stopped_by = trainer.step < trainer.options.steps, trainer.stopped_by
    if output is not None:
        minutes = trainer.options.minutes
        over = f"; minutes={minutes} are over, the same command goes on from here"
        ended = over if left and not stopped_by else ""
        output.messages.print(f"{done['steps']} of {done['of']} steps done{ended}")
        output.result(done, str(done["best"]))
    if left and stopped_by == signal.SIGINT:
        raise KeyboardInterrupt
    if left and stopped_by:
        if output is not None:
            output.messages.print("terminated; the same command goes on from here")
        return 128 + stopped_by
    return 0
