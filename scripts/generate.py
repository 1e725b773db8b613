"""Generate houses and tasks: python scripts/generate.py houses=20 tasks=200 out=runs/navgen/mine"""

from __future__ import annotations

import sys

from omegaconf import DictConfig, OmegaConf
from rich.console import Console
from rich.progress import Progress

from longhaul.checks import require_numbers
from longhaul.configs.app import run
from longhaul.configs.navigation import order_of
from longhaul.navgen.generate import generate
from longhaul.navgen.report import table
from longhaul.navgen.sheet import contact_sheet

LEAST = {
    "houses": 1,
    "tasks": 1,
    "seed": 0,
    "workers": 1,
    "most_rooms": 1,
    "shortest": 0.0,
    "sheet": 0,
}


def main(cfg: DictConfig) -> None:
    """Check the configuration, generate what is missing, show what there is."""
    config = OmegaConf.to_container(cfg, resolve=True, throw_on_missing=True)
    assert isinstance(config, dict)
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


if __name__ == "__main__":
    sys.exit(run(main, "generate"))
