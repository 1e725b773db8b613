"""Generate houses, and tasks in them with trajectories and instructions.

    longhaul generate houses=20 tasks=200 out=runs/navgen/mine

The same command goes on where it stopped; a larger tasks= or houses= adds to what is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from omegaconf import DictConfig, OmegaConf
from rich.console import Console
from rich.progress import Progress

from longhaul.configs.app import run

LEAST = {
    "houses": 1,
    "tasks": 1,
    "seed": 0,
    "workers": 1,
    "most_rooms": 1,
    "shortest": 0.0,
    "sheet": 0,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, generate, and return the exit code."""
    return run(generate_dataset, "generate", arguments, about=__doc__)


def generate_dataset(cfg: DictConfig) -> None:
    """Check the configuration, generate what is missing, show what there is."""
    from longhaul.checks import require_numbers
    from longhaul.configs.navigation import order_of
    from longhaul.navgen.generate import generate
    from longhaul.navgen.report import table
    from longhaul.navgen.sheet import contact_sheet

    config: Any = OmegaConf.to_container(cfg, resolve=True, throw_on_missing=True)
    require_numbers(config, LEAST)
    order, console = order_of(config), Console(stderr=True)
    with Progress(console=console) as bar:
        shown = bar.add_task("tasks", total=order.tasks)
        made = generate(order, lambda done, wanted: bar.update(shown, completed=done))
    if config["sheet"]:
        contact_sheet(order.out, order.out / "sheet.png", config["sheet"])
    Console().print(table(made))
    if made["tasks"] < made["wanted"]:
        raise SystemExit(f"error: {made['tasks']} tasks of {made['wanted']}: give more houses")
