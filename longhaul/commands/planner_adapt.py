"""Train the planner's adapter, by which a local language model sees pictures.

    longhaul planner-adapt --episodes 300 --out runs/adapter

The planner then takes it by policy.backend=local policy.plan_mode=generate policy.feedback=implicit
policy.backends.local.path=OUT/model policy.adapter=OUT/adapter.safetensors
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from longhaul.commands.parser import Parser, obey
from longhaul.output import Output


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, train, and return the exit code."""
    return obey(parser(), adapt, arguments)


def parser() -> Parser:
    """Return what reads the command line."""
    reads = Parser("planner-adapt", __doc__)
    reads.add_argument("--out", type=Path, required=True, help="folder for what is trained")
    reads.add_argument("--model", type=Path, help="a language model's folder or .gguf, frozen")
    reads.add_argument("--split", default="seen-train", help="whose oracle demonstrates")
    reads.add_argument("--tasks", nargs="*", default=[], help="of the split; none: all")
    reads.add_argument("--picture", default="rgb_map", help="the observation that is seen")
    reads.add_argument("--episodes", type=int, default=300)
    reads.add_argument("--steps", type=int, default=1000)
    reads.add_argument("--batch", type=int, default=8)
    reads.add_argument("--lr", type=float, default=1e-3)
    reads.add_argument("--seed", type=int, default=0)
    reads.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    return reads


def adapt(given: argparse.Namespace, output: Output) -> None:
    """Have the oracle demonstrate, and train on what it did."""
    from longhaul.configs.demonstrations import watch_oracle
    from longhaul.errors import ConfigError
    from longhaul.language.errors import LanguageError
    from longhaul.policies.planner.adapter_training import Schedule, train

    console = output.messages
    output.at(f"env=lohoravens: the oracle demonstrates {given.episodes} episodes")
    schedule = Schedule(given.steps, given.batch, given.lr, given.seed)
    shown = list(watch_oracle(given.split, given.tasks, given.picture, given.episodes, given.seed))
    output.started()
    given.out.mkdir(parents=True, exist_ok=True)
    console.print(f"{len(shown)} demonstrations, {sum(len(d.steps) for d in shown)} steps")

    def tell(step: int, loss: float) -> None:
        if step % 50 == 0 or step == 1:
            console.print(f"step {step}: loss {loss:.3f}")

    try:
        trained = train(shown, given.out, given.model, schedule, device=given.device, tell=tell)
    except LanguageError as error:
        raise ConfigError(str(error)) from None
    output.result({"trained": trained}, str(trained))
