"""Record demonstrations of a policy, a scripted expert as a rule.

    longhaul record env=calvin episodes=500 out=runs/demos/calvin

The dataset has the layout of LeRobotDataset v3. The same command goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from omegaconf import DictConfig, OmegaConf

from longhaul.configs.app import run
from longhaul.configs.build import config_text
from longhaul.output import Output


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, record, and return the exit code."""
    return run(record_demos, "record", arguments, about=__doc__)


def record_demos(cfg: DictConfig, output: Output) -> None:
    """Check the configuration, build env and policy, record, show what was recorded."""
    from longhaul.configs.build import (
        build_policy,
        env_for,
        resolve_device,
        setting_for,
        worker_parts,
    )
    from longhaul.configs.navigation import with_dataset
    from longhaul.demos.recording import Recording, demo_spec
    from longhaul.demos.summary import summarize
    from longhaul.evaluation.loop.record import record
    from longhaul.evaluation.loop.task import open_task
    from longhaul.evaluation.settings import RecordingSettings

    config: Any = OmegaConf.to_container(cfg, resolve=True, throw_on_missing=True)
    config["device"] = resolve_device(config["device"])
    settings = RecordingSettings.of(config)
    output.at(f"opening env {config['env']['id']}")
    parts = worker_parts(config["policy"])
    env = env_for(with_dataset(config["env"], output.messages), config["policy"])
    task = open_task(env, parts, settings.split, settings.episodes, settings.seed, training=True)
    config["split"] = task.split
    output.at(f"loading policy {config['policy']['_target_']}")
    policy = build_policy(config["policy"], setting_for(task, settings))
    recording = Recording(settings.out, demo_spec(task.conventions), settings.keep)
    output.started()
    text = config_text(config)
    record(task, policy, settings, config, text, recording, output.messages)
    sheet = recording.notes / "sheet.png"
    content, shown = summarize(settings.out, recording.size(), sheet, settings.sheet)
    output.result({"out": settings.out, **content}, shown)
