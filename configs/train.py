"""Builds the learner, the data, the folder and the evaluation of a training run."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf
from rich.console import Console

from longhaul.checks import require_numbers
from longhaul.configs.build import build_policy, env_for, setting_for
from longhaul.configs.navigation import with_dataset
from longhaul.configs.outside import class_of, policy_config
from longhaul.demos.cache import build_cache
from longhaul.demos.joined import join
from longhaul.demos.open import open_source
from longhaul.demos.source import DatasetError
from longhaul.demos.windows import Windows
from longhaul.envs.specs import require_compatible
from longhaul.errors import ConfigError, require_known, unknown
from longhaul.evaluation.loop.evaluate import evaluate
from longhaul.evaluation.loop.task import open_task
from longhaul.evaluation.records import provenance
from longhaul.evaluation.settings import MIXED_VERSION_CHOICES, EvaluationSettings
from longhaul.files import file_hash, replace_file
from longhaul.plugins import LEARNERS
from longhaul.policies.training.learner import Learner
from longhaul.policies.training.train import Data, Evaluate

LEARNING_KEYS = ("policy", "optimization", "seed")
"""The configuration's keys that, beside the data, define what a run learns."""


def build_learner(config: Mapping[str, Any], sentences: Sequence[str]) -> Learner:
    """Build the class that `_target_` names, with the other values as options."""
    learner_class = class_of(config["_target_"], LEARNERS)
    options = {key: value for key, value in config.items() if key != "_target_"}
    known = set(inspect.signature(learner_class).parameters) - {"sentences"}
    for name in options.keys() - known:
        raise ConfigError(unknown(f"policy.{name}", sorted(known)))
    learner: Learner = learner_class(sentences=sentences, **options)
    return learner


def open_data(config: Mapping[str, Any]) -> tuple[Learner, Data, str]:
    """Return the learner, its windows of data and the data's hash.

    `data.path` is a folder, or a list of folders that are read as one dataset. Pictures are decoded
    into a cache unless they are there already. The learner is built twice: first for the sizes of
    the pictures to decode, then with the sentences of the data. Raises ConfigError or DatasetError
    if the data does not suit the learner.
    """
    options = config["data"]
    paths = [options["path"]] if isinstance(options["path"], str) else options["path"]
    sources = [open_source(path, **options["options"]) for path in paths]
    wanted = build_learner(config["policy"], ["no sentence yet"])
    for source in sources:
        require_compatible(source.spec, wanted.requirement, "dataset")
    cache = join([build_cache(source, wanted.windows.sizes) for source in sources])
    learner = build_learner(config["policy"], cache.sentences or ["no sentence"])
    spec = learner.windows
    shape: Any = {key: getattr(spec, key) for key in ("length", "within", "ahead", "keyframe")}
    holdout = options["holdout"]
    train = Windows(cache, fraction=options["fraction"], holdout=holdout, **shape)
    try:
        validation = Windows(cache, split="validation", holdout=holdout, **shape)
    except DatasetError:
        validation = None  # too few trajectories for one to be held out
    return learner, Data(train, validation, options["balance"]), cache.key


def open_folder(config: Mapping[str, Any], dataset: str, text: str, main: bool = True) -> Path:
    """Return the folder of a training run, and create it unless it exists.

    `dataset` is the data's hash, and `text` is written to config.yaml. If several processes train
    together, only the `main` one reads or writes the folder. Raises ConfigError if the folder
    belongs to another configuration or dataset.
    """
    ours = provenance.with_former_names({name: config[name] for name in LEARNING_KEYS})
    drawn = {name: config["data"][name] for name in ("fraction", "holdout", "balance")}
    ours["data"] = {**drawn, "dataset": dataset}
    pretrained = config["policy"].get("pretrained")
    if isinstance(pretrained, str):
        ours["pretrained"] = file_hash(Path(pretrained))
    name = f"{config['name']}-{provenance.short_hash(ours)}"
    folder = Path(config["run_dir"] or Path("runs") / name)
    written = folder / provenance.PROVENANCE_FILE
    if not main:
        return folder
    require_known("mixed", config["mixed"], MIXED_VERSION_CHOICES)
    origin = provenance.collect(config["seed"], config["device"])
    if written.is_file():
        provenance.require_same(folder, ours, origin, mixed=config["mixed"] == "allow")
        return folder
    if folder.exists() and (folder.is_file() or any(folder.iterdir())):
        raise ConfigError(f"run_dir={folder} exists and is not the folder of a training run")
    folder.mkdir(parents=True, exist_ok=True)
    replace_file(folder / "config.yaml", text)
    replace_file(written, json.dumps({"identity": ours, **origin}, indent=2) + "\n")
    return folder


def evaluator(config: Mapping[str, Any], policy: str, folder: Path, console: Console) -> Evaluate:
    """Return a function that evaluates a checkpoint in the configuration's env, as rollout.py does.

    `policy` is the name of the configuration in configs/policy that loads the checkpoint. Raises
    ConfigError for options of `evaluate` that are not valid.
    """
    options = config["evaluate"]
    require_numbers(config, {"evaluate.workers": 1, "evaluate.episodes": 1}, ["evaluate.episodes"])
    acting = policy_config(policy)
    shared = {"seed": config["seed"], "device": config["device"], "engine": config["engine"]}
    rollout = {
        **shared,
        "workers": options["workers"],
        "policy": acting,
        "name": "evaluation",
        "logger": {"kind": "none"},
        "videos": {"first": 0, "failures": 0, "every": 2},
        "save_actions": False,
        "explain": 0,
        "retry_errors": False,
        "mixed": "refuse",
    }
    parts = acting.get("parts", {})
    env = env_for(with_dataset(config["env"], console), acting)
    asked = {"episodes": options["episodes"], "split": options["split"]}
    settings = EvaluationSettings.of({**rollout, **asked, "checkpoint": None, "run_dir": None})
    task = open_task(env, parts, settings.split, settings.episodes, settings.seed)

    def score(checkpoint: Path, step: int) -> Mapping[str, float]:
        run_dir = folder / f"step-{step}"
        one = {**rollout, "checkpoint": str(checkpoint), "run_dir": str(run_dir)}
        now = replace(settings, checkpoint=checkpoint, run_dir=run_dir)
        trained = build_policy(acting, setting_for(task, now))
        summary = evaluate(task, trained, now, one, OmegaConf.to_yaml(one), console)
        if summary["headline_refused"]:
            raise ConfigError(f"evaluation at step {step}: {summary['headline_refused']}")
        headline = summary["headline"]
        return {"score": headline["value"], headline["metric"]: headline["value"]}

    return score
