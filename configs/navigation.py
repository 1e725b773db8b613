"""Navigation datasets from a configuration: those that scripts/generate.py makes, and those that
an env asks for by a name."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from envs.specs import ConfigError, require_known
from language.build import build_chat_model
from language.errors import SetupError
from navgen.generate import Order, generate
from navgen.houses.build import build_house
from navgen.open import open_scene
from navgen.tasks.validate import Rules

BACKENDS = ("template", "llm")

BUILTIN = "builtin:"

SIZES: Mapping[str, tuple[int, int]] = {"small": (4, 24)}
"""Houses and tasks of the datasets that have a name."""

SEED = 2025
"""Of which those are made: another one is another dataset."""


def order_of(config: Mapping[str, Any]) -> Order:
    """Return what configs/generate.yaml asks for. Raises ConfigError for what cannot be."""
    require_known("backend", config["backend"], BACKENDS)
    language = config["language"] if config["backend"] == "llm" else None
    if language is not None:
        try:
            build_chat_model(language)
        except SetupError as error:
            raise ConfigError(f"backend=llm: {error}") from None
    return Order(
        out=Path(config["out"]),
        houses=config["houses"],
        tasks=config["tasks"],
        build=build_house,
        open=open_scene,
        seed=config["seed"],
        workers=config["workers"],
        language=language,
        rules=Rules(config["shortest"], config["most_rooms"], config["ambiguous"]),
    )


def with_dataset(env: Mapping[str, Any], console: Console | None = None) -> dict[str, Any]:
    """Return an env's options with a folder for a dataset that is a name.

    `builtin:<name>` is generated where it is not there yet, under ~/.cache/longhaul/navgen; the
    same everywhere. Raises ConfigError naming the valid ones for another name.
    """
    dataset = env.get("dataset")
    if not isinstance(dataset, str) or not dataset.startswith(BUILTIN):
        return dict(env)
    name = dataset.removeprefix(BUILTIN)
    require_known("env.dataset", dataset, [BUILTIN + size for size in SIZES])
    houses, tasks = SIZES[name]
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    out = Path(base) / "longhaul" / "navgen" / f"{name}-{SEED}"
    if not (out / "dataset.json").is_file():
        if console is not None:
            console.print(f"env.dataset={dataset}: generating {tasks} tasks in {out}")
        generate(Order(out, houses, tasks, build_house, open_scene, SEED))
    return {**env, "dataset": str(out)}
