"""Builds the learner, the data, the folder and the evaluation of a training run."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console

from longhaul.checks import require_numbers
from longhaul.configs.build import build_policy, config_text, env_for, setting_for
from longhaul.configs.navigation import with_dataset
from longhaul.configs.outside import class_of, policy_config
from longhaul.demos.cache import build_cache
from longhaul.demos.cache_folder import CacheOptions
from longhaul.demos.joined import join
from longhaul.demos.open import open_source
from longhaul.demos.origin import merged, origin
from longhaul.demos.source import DatasetError
from longhaul.demos.windows import Windows
from longhaul.documents import read_object
from longhaul.envs.specs import Conventions, require_compatible
from longhaul.errors import ConfigError, require_known, unknown
from longhaul.evaluation.loop.evaluate import evaluate
from longhaul.evaluation.loop.task import open_task
from longhaul.evaluation.records import provenance
from longhaul.evaluation.settings import MIXED_VERSION_CHOICES, EvaluationSettings
from longhaul.files import file_hash, locked, partial, replace_file
from longhaul.plugins import LEARNERS
from longhaul.policies.checkpoint import read_trained_on
from longhaul.policies.conventions import CONVENTIONS_KEY, conventions_of
from longhaul.policies.training.learner import Learner
from longhaul.policies.training.train import Data, Evaluate
from longhaul.secrets import without

LOCK_FILE, CONFIG_FILE = "lock", "config.yaml"
"""Files of a training run's folder: what the process that trains in it holds, and what it was
asked for."""

NUMERICAL_PACKAGES = ("longhaul-suite", "torch", "numpy", "accelerate")
"""The packages whose versions a checkpoint names."""

LEARNING_KEYS = ("policy", "optimization", "seed")
"""The configuration's keys that, beside the data, define what a run learns."""


def build_learner(
    config: Mapping[str, Any], sentences: Sequence[str], offered: Conventions | None = None
) -> Learner:
    """Build the class that `_target_` names, with the other values as options; one that has a
    parameter `offered` is given the conventions of the data."""
    learner_class = class_of(config["_target_"], LEARNERS)
    options = {key: value for key, value in config.items() if key != "_target_"}
    parameters = set(inspect.signature(learner_class).parameters)
    known = parameters - {"sentences", "offered"}
    for name in options.keys() - known:
        raise ConfigError(unknown(f"policy.{name}", sorted(known)))
    if "offered" in parameters:
        options["offered"] = offered
    learner: Learner = learner_class(sentences=sentences, **options)
    return learner


def open_data(
    config: Mapping[str, Any], console: Console | None = None
) -> tuple[Learner, Data, dict[str, Any]]:
    """Return the learner, its windows of data, and the data's facts: its `dataset_hash`, and what
    longhaul.demos.origin says of it.

    `data.path` is a folder, or a list of folders that are read as one dataset. Pictures are decoded
    into a cache unless they are there already. The learner is built twice: first for the sizes of
    the pictures to decode, then with the sentences of the data. Raises ConfigError or DatasetError
    if the data does not suit the learner.
    """
    options = config["data"]
    paths = [options["path"]] if isinstance(options["path"], str) else options["path"]
    of_reader = options["options"] or {}
    if not isinstance(of_reader, Mapping):
        raise ConfigError(f"data.options={of_reader} must be NAME: VALUE pairs in braces")
    sources = [open_source(path, **of_reader) for path in paths]
    spec_of = {str(path): source.spec for path, source in zip(paths, sources, strict=True)}
    offered = sources[0].spec if sources else None
    wanted = build_learner(config["policy"], ["no sentence yet"], offered)
    for source in sources:
        require_compatible(source.spec, wanted.requirement, "dataset")
    facts = merged([origin(Path(p), s) for p, s in zip(paths, sources, strict=True)])
    if spec_of:
        facts[CONVENTIONS_KEY] = conventions_of(wanted.requirement, spec_of)
    kept = CacheOptions(**options["cache"])
    sizes = wanted.windows.sizes
    cache = join([build_cache(source, sizes, kept, console=console) for source in sources])
    learner = build_learner(config["policy"], cache.sentences or ["no sentence"], offered)
    spec = learner.windows
    shape: Any = {key: getattr(spec, key) for key in ("length", "within", "ahead", "keyframe")}
    holdout = options["holdout"]
    train = Windows(cache, fraction=options["fraction"], holdout=holdout, **shape)
    try:
        validation = Windows(cache, split="validation", holdout=holdout, **shape)
    except DatasetError:
        validation = None  # too few trajectories for one to be held out
    facts["dataset_hash"] = cache.key
    return learner, Data(train, validation, options["balance"]), facts


@contextmanager
def open_folder(
    config: Mapping[str, Any], dataset: str, text: str, main: bool = True
) -> Iterator[Path]:
    """Give the folder of a training run, which is created unless it exists, and hold its lock.

    `dataset` is the data's hash, and `text` is written to config.yaml. If several processes train
    together, only the `main` one reads, writes and locks the folder. Raises ConfigError if the
    folder belongs to another configuration or dataset, or if another process trains in it.
    """
    ours = dict(without({name: config[name] for name in LEARNING_KEYS}))
    ours = provenance.with_former_names(ours)
    drawn = {name: config["data"][name] for name in ("fraction", "holdout", "balance")}
    ours["data"] = {**drawn, "dataset": dataset}
    pretrained = config["policy"].get("pretrained")
    if isinstance(pretrained, str):
        ours["pretrained"] = file_hash(Path(pretrained))
    name = f"{config['name']}-{provenance.short_hash(ours)}"
    folder = Path(config["run_dir"] or Path("runs") / name)
    written = folder / provenance.PROVENANCE_FILE
    if not main:
        yield folder
        return
    require_known("mixed", config["mixed"], MIXED_VERSION_CHOICES)
    made = provenance.collect(config["seed"], config["device"])

    def require_ours() -> None:
        if written.is_file():
            provenance.require_same(folder, ours, made, mixed=config["mixed"] == "allow")
        elif folder.is_file() or (folder.is_dir() and not _is_fresh(folder)):
            raise ConfigError(f"run_dir={folder} exists and is not the folder of a training run")

    require_ours()
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder / LOCK_FILE, f"run_dir={folder} is in use by another process"):
        require_ours()  # again, now that no other process can write it
        if not written.is_file():
            replace_file(folder / CONFIG_FILE, text)
            replace_file(written, json.dumps({"identity": ours, **made}, indent=2) + "\n")
        yield folder


def _is_fresh(folder: Path) -> bool:
    """Return True for an empty folder, or for one whose creation a crash interrupted."""
    names = (LOCK_FILE, CONFIG_FILE)
    halves = [partial(Path(name)).name for name in (CONFIG_FILE, provenance.PROVENANCE_FILE)]
    return {entry.name for entry in folder.iterdir()} <= {*names, *halves}


def trained_on(
    config: Mapping[str, Any], data: Mapping[str, Any], recipe: str, folder: Path
) -> dict[str, Any]:
    """Return the facts that the checkpoints of a run tell (longhaul.policies.policy.TrainedOn).

    `data` are the facts of the data, `recipe` is a recipe's name. The code is the one that began
    the run in `folder`, as its provenance says, so that a run that goes on elsewhere ends with the
    same file.
    """
    begun = read_object(folder / provenance.PROVENANCE_FILE)
    git, packages = begun.get("git") or {}, begun.get("packages") or {}
    facts = {**data, "recipe": recipe, "seed": config["seed"]}
    if isinstance(pretrained := config["policy"].get("pretrained"), str):
        facts["pretrained"] = {
            "sha256": file_hash(Path(pretrained)),
            **read_trained_on(Path(pretrained)),
        }
    if "commit" in git:
        facts["commit"] = git["commit"] + (" and changes" if git.get("dirty") else "")
    facts["versions"] = {name: packages[name] for name in NUMERICAL_PACKAGES if name in packages}
    return facts


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
    task.require_in_order(settings.workers)

    def score(checkpoint: Path, step: int) -> Mapping[str, float]:
        run_dir = folder / f"step-{step}"
        one = {**rollout, "checkpoint": str(checkpoint), "run_dir": str(run_dir)}
        now = replace(settings, checkpoint=checkpoint, run_dir=run_dir)
        trained = build_policy(acting, setting_for(task, now))
        summary = evaluate(task, trained, now, one, config_text(one), console)
        if summary["headline_refused"]:
            raise ConfigError(f"evaluation at step {step}: {summary['headline_refused']}")
        headline = summary["headline"]
        return {"score": headline["value"], headline["metric"]: headline["value"]}

    return score
