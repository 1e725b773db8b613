"""Generates navigation datasets from a configuration: those of scripts/generate.py, and the
built-in ones that env=lhvln names.

navgen is imported inside functions, so that a rollout in another env does not load it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from longhaul.checks import require_flags
from longhaul.envs.lhvln.dataset import EVALUATION_SEED
from longhaul.errors import ConfigError, require_known
from longhaul.files import locked, user_cache
from longhaul.language.build import build_chat_model
from longhaul.language.errors import SetupError

if TYPE_CHECKING:
    from longhaul.navgen.generate import Order

TASK_BACKENDS = ("template", "llm")
"""Who drafts tasks and words their instructions: templates, or a language model."""

BUILTIN_PREFIX = "builtin:"
"""The start of a built-in dataset's name in the option `dataset` of env=lhvln."""

DATASET_SIZES: Mapping[str, tuple[int, int]] = {"small": (4, 24), "unseen": (20, 100)}
"""The numbers of houses and of tasks of the built-in datasets, by name."""

DATASET_RULES: Mapping[str, Mapping[str, Any]] = {"unseen": {"shortest": 5.0, "hidden": True}}
"""The rules of the built-in datasets (longhaul.navgen.tasks.validate.Rules) that differ from the
defaults, by name. In `unseen` consecutive targets are at least 5 m apart, so that every leg is at
least 4 m long (a robot stops within 0.9 m), and no target is in view where its leg begins."""

DATASET_SEED = EVALUATION_SEED
"""The seed of the built-in datasets; another seed gives other houses and tasks."""


def order_of(config: Mapping[str, Any]) -> Order:
    """Return the order that a composed configs/generate.yaml describes.

    Raises ConfigError for values that are not valid.
    """
    from longhaul.navgen.tasks.validate import Rules

    require_known("backend", config["backend"], TASK_BACKENDS)
    language = config["language"] if config["backend"] == "llm" else None
    if language is not None:
        try:
            build_chat_model(language)
        except SetupError as error:
            raise ConfigError(f"backend=llm: {error}") from None
    require_flags(config, ("ambiguous", "hidden"))
    rules = Rules(*(config[key] for key in ("shortest", "most_rooms", "ambiguous", "hidden")))
    out, houses, tasks, seed = (config[key] for key in ("out", "houses", "tasks", "seed"))
    order = _order(Path(out), houses, tasks, seed, config["workers"])
    order = replace(order, language=language, rules=rules)
    return order if config["furniture"] is None else _furnished(order, Path(config["furniture"]))


def with_dataset(env: Mapping[str, Any], console: Console | None = None) -> dict[str, Any]:
    """Return an env's options, with the folder of the dataset in place of a built-in one's name.

    `builtin:<name>` is generated under ~/.cache/longhaul/navgen unless it is there already; it is
    the same on every machine. A second process that asks for it waits until it is complete. Raises
    ConfigError with the valid names for an unknown one.
    """
    dataset = env.get("dataset")
    if not isinstance(dataset, str) or not dataset.startswith(BUILTIN_PREFIX):
        return dict(env)
    name = dataset.removeprefix(BUILTIN_PREFIX)
    require_known("env.dataset", dataset, [BUILTIN_PREFIX + size for size in DATASET_SIZES])
    houses, tasks = DATASET_SIZES[name]
    from longhaul.navgen.generate import GENERATOR_VERSION

    out = user_cache("navgen") / f"{name}-{DATASET_SEED}-v{GENERATOR_VERSION}"
    if not (out / "dataset.json").is_file():
        with locked(out.with_name(f"{out.name}.lock")):
            if not (out / "dataset.json").is_file():
                if console is not None:
                    console.print(f"env.dataset={dataset}: generating {tasks} tasks in {out}")
                from longhaul.navgen.generate import generate

                order = _order(out, houses, tasks, DATASET_SEED, workers=1)
                generate(replace(order, rules=replace(order.rules, **DATASET_RULES.get(name, {}))))
    return {**env, "dataset": str(out)}


def _furnished(order: Order, folder: Path) -> Order:
    """Return an order whose houses also have the furniture of the user's folder of GLB models."""
    from longhaul.navgen.houses.build import build_house
    from longhaul.navgen.houses.user_furniture import read_user_furniture

    try:
        read_user_furniture(folder)
    except (FileNotFoundError, ValueError) as error:
        raise ConfigError(f"furniture={folder}: {error}") from None
    hashed = sha256()
    for path in sorted(folder.glob("*.glb")):
        hashed.update(path.name.encode() + path.read_bytes())
    build = partial(build_house, furniture=folder)
    return replace(order, build=build, furniture=hashed.hexdigest()[:16])


def _order(out: Path, houses: int, tasks: int, seed: int, workers: int) -> Order:
    """Return an order of NavGen's own houses, in the builtin simulator."""
    from longhaul.navgen.generate import Order
    from longhaul.navgen.houses.build import build_house
    from longhaul.navgen.open import open_scene

    return Order(out, houses, tasks, build_house, open_scene, seed, workers)
