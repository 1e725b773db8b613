"""Navigation datasets from a configuration: those that scripts/generate.py makes, and those that
an env asks for by a name.

navgen is imported where it is needed: a rollout in another env goes without it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from longhaul.checks import require_flags
from longhaul.errors import ConfigError, require_known
from longhaul.files import locked
from longhaul.language.build import build_chat_model
from longhaul.language.errors import SetupError

if TYPE_CHECKING:
    from longhaul.navgen.generate import Order

BACKENDS = ("template", "llm")

BUILTIN = "builtin:"

SIZES: Mapping[str, tuple[int, int]] = {"small": (4, 24), "unseen": (20, 100)}
"""Houses and tasks of the datasets that have a name."""

HARD: Mapping[str, Mapping[str, Any]] = {"unseen": {"shortest": 5.0, "hidden": True}}
"""Their rules (longhaul.navgen.tasks.validate.Rules), where these are not the usual ones: in
`unseen` targets in a row are 5 m apart, so that every leg is 4 m or more (one stops within 0.9 m),
and no target is in view where its leg begins."""

SEED = 2025
"""Of which those are made: another one is another dataset."""


def order_of(config: Mapping[str, Any]) -> Order:
    """Return what configs/generate.yaml asks for. Raises ConfigError for what cannot be."""
    from longhaul.navgen.tasks.validate import Rules

    require_known("backend", config["backend"], BACKENDS)
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
    """Return an env's options with a folder for a dataset that is a name.

    `builtin:<name>` is generated where it is not there yet, under ~/.cache/longhaul/navgen; the
    same everywhere. A second process that asks for it waits until it is there. Raises ConfigError
    naming the valid ones for another name.
    """
    dataset = env.get("dataset")
    if not isinstance(dataset, str) or not dataset.startswith(BUILTIN):
        return dict(env)
    name = dataset.removeprefix(BUILTIN)
    require_known("env.dataset", dataset, [BUILTIN + size for size in SIZES])
    houses, tasks = SIZES[name]
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    from longhaul.navgen.generate import VERSION

    out = Path(base) / "longhaul" / "navgen" / f"{name}-{SEED}-v{VERSION}"
    if not (out / "dataset.json").is_file():
        with locked(out.with_name(f"{out.name}.lock")):
            if not (out / "dataset.json").is_file():
                if console is not None:
                    console.print(f"env.dataset={dataset}: generating {tasks} tasks in {out}")
                from longhaul.navgen.generate import generate

                order = _order(out, houses, tasks, SEED, workers=1)
                generate(replace(order, rules=replace(order.rules, **HARD.get(name, {}))))
    return {**env, "dataset": str(out)}


def _furnished(order: Order, folder: Path) -> Order:
    """Return an order whose houses have the user's furniture too."""
    from longhaul.navgen.houses.build import build_house
    from longhaul.navgen.houses.own import own_furniture

    try:
        own_furniture(folder)
    except (FileNotFoundError, ValueError) as error:
        raise ConfigError(f"furniture={folder}: {error}") from None
    digest = sha256()
    for path in sorted(folder.glob("*.glb")):
        digest.update(path.name.encode() + path.read_bytes())
    build = partial(build_house, own=folder)
    return replace(order, build=build, furniture=digest.hexdigest()[:16])


def _order(out: Path, houses: int, tasks: int, seed: int, workers: int) -> Order:
    """Return an order of NavGen's own houses, in the builtin simulator."""
    from longhaul.navgen.generate import Order
    from longhaul.navgen.houses.build import build_house
    from longhaul.navgen.open import open_scene

    return Order(out, houses, tasks, build_house, open_scene, seed, workers)
