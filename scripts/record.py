"""Record demonstrations: python scripts/record.py env=calvin episodes=500 out=runs/demos/calvin"""

from __future__ import annotations

import sys
from pathlib import Path

from omegaconf import DictConfig, OmegaConf
from rich.console import Console

from longhaul.configs.app import run
from longhaul.configs.build import (
    build_policy,
    env_for,
    require_numbers,
    resolve_device,
    setting_for,
    worker_parts,
)
from longhaul.configs.navigation import with_dataset
from longhaul.demos.recording import Recording, demo_spec
from longhaul.demos.summary import summarize
from longhaul.evaluation.loop.record import DiskFullError, record
from longhaul.evaluation.loop.task import open_task
from longhaul.evaluation.records.journal import TooManyErrorsError

LEAST = {
    "episodes": 1,
    "seed": 0,
    "workers": 1,
    "videos": 0,
    "sheet": 0,
    "engine.hang_s": 0.1,
    "engine.max_errors": 1,
}


def main(cfg: DictConfig) -> None:
    """Check the configuration, build env and policy, record, show what was recorded."""
    config = OmegaConf.to_container(cfg, resolve=True, throw_on_missing=True)
    assert isinstance(config, dict)
    require_numbers(config, LEAST)
    config["device"] = resolve_device(config["device"])
    parts = worker_parts(config["policy"])
    env = env_for(with_dataset(config["env"], Console(stderr=True)), config["policy"])
    task = open_task(env, parts, config["split"], config["episodes"], config["seed"], training=True)
    config["split"] = task.split
    policy = build_policy(config["policy"], setting_for(task, config))
    out, console = Path(config["out"]), Console(stderr=True)
    recording = Recording(out, demo_spec(task.conventions), config["keep"])
    try:
        record(task, policy, config, OmegaConf.to_yaml(config), recording, console)
    except (TooManyErrorsError, DiskFullError) as error:
        raise SystemExit(f"error: {error}") from error
    sheet = recording.notes / "sheet.png"
    Console().print(summarize(out, recording.size(), sheet, config["sheet"]))


if __name__ == "__main__":
    sys.exit(run(main, "record"))
