"""Generate houses, and tasks in them with trajectories and instructions.

    longhaul generate houses=20 tasks=200 out=runs/navgen/mine

The same command goes on where it stopped; a larger tasks= or houses= adds to what is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from omegaconf import DictConfig, OmegaConf

from longhaul.configs.app import run
from longhaul.output import Output

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


def generate_dataset(cfg: DictConfig, output: Output) -> None:
    """Check the configuration, generate what is missing, show what there is."""
    from longhaul.checks import require_numbers
    from longhaul.configs.navigation import order_of
    from longhaul.console import Counting, logged
    from longhaul.errors import FailedError
    from longhaul.navgen.generate import generate
    from longhaul.navgen.report import table
    from longhaul.navgen.sheet import contact_sheet

    config: Any = OmegaConf.to_container(cfg, resolve=True, throw_on_missing=True)
    require_numbers(config, LEAST)
    order = order_of(config)
    output.started()
    console = output.messages
    log, bar = logged(console, order.generation), Counting(console, "tasks", order.tasks)
    with log, bar as counting:
        made = generate(order, lambda done, wanted: counting.reached(done))
    if config["sheet"]:
        contact_sheet(order.out, order.out / "sheet.png", config["sheet"])
    output.result({"out": order.out, **made}, table(made))
    if made["tasks"] < made["wanted"]:
        raise FailedError(f"{made['tasks']} tasks of {made['wanted']}: give more houses")
