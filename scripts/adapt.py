"""Teach a local language model to see: python scripts/adapt.py --episodes 300 --out runs/adapter

The planner then takes it by policy.backend=local policy.plan_mode=generate policy.feedback=implicit
policy.backends.local.path=OUT/model policy.adapter=OUT/adapter.safetensors
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from longhaul.configs.demonstrations import watch_oracle
from longhaul.errors import ConfigError
from longhaul.language.errors import LanguageError
from longhaul.policies.planner.adapter_training import Schedule, train


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for what is trained")
    parser.add_argument("--model", type=Path, help="a language model's folder or .gguf, frozen")
    parser.add_argument("--split", default="seen-train", help="whose oracle demonstrates")
    parser.add_argument("--tasks", nargs="*", default=[], help="of the split; none: all")
    parser.add_argument("--picture", default="rgb_map", help="the observation that is seen")
    parser.add_argument("--episodes", type=int, default=300)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    given = parser.parse_args(arguments)
    console = Console(stderr=True)
    schedule = Schedule(given.steps, given.batch, given.lr, given.seed)
    try:
        shown = list(
            watch_oracle(given.split, given.tasks, given.picture, given.episodes, given.seed)
        )
        given.out.mkdir(parents=True, exist_ok=True)
        console.print(f"{len(shown)} demonstrations, {sum(len(d.steps) for d in shown)} steps")

        def tell(step: int, loss: float) -> None:
            if step % 50 == 0 or step == 1:
                console.print(f"step {step}: loss {loss:.3f}")

        print(train(shown, given.out, given.model, schedule, device=given.device, tell=tell))
    except (ConfigError, LanguageError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
