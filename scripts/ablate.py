"""What each part of a policy is worth: python scripts/ablate.py policy=mgdm env=lhvln episodes=100

Evaluates every variant of configs/ablation/POLICY.yaml (--variants: another one, or a file) on the
same episodes and prints one table. The rest of the command line is rollout.py's. Each variant is a
run folder under --out, and what is there already is not done again.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from omegaconf import DictConfig
from rich.console import Console

from longhaul.configs.ablations import choice, folder_of, read_variants
from longhaul.configs.app import run
from longhaul.configs.rollouts import roll_out
from longhaul.errors import ConfigError
from longhaul.evaluation.comparison.ablation import ablation, print_ablation, write_ablation
from longhaul.evaluation.comparison.compare import read_run


def evaluate(cfg: DictConfig) -> None:
    """Do what is missing of a variant's run."""
    roll_out(cfg)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--variants", help="a YAML file, or the name of one in configs/ablation")
    parser.add_argument("--out", type=Path, help="runs/ENV-POLICY-ablation without it")
    given, rest = parser.parse_known_args(arguments)
    policy, env = choice(rest, "policy", "seer"), choice(rest, "env", "calvin")
    out = given.out or Path("runs") / f"{env}-{policy}-ablation"
    try:
        if choice(rest, "run_dir", ""):
            raise ConfigError("run_dir is each variant's own: give --out=FOLDER for all of them")
        variants = read_variants(given.variants or policy)
        folders = {name: out / folder_of(name) for name in variants}
        for name, overrides in variants.items():
            print(f"variant {name}: {' '.join(overrides) or 'as it is'}", file=sys.stderr)
            code = run(evaluate, "rollout", [*rest, *overrides, f"run_dir='{folders[name]}'"])
            if code:
                return code
        table = ablation({name: read_run(folder) for name, folder in folders.items()})
        write_ablation(table, out)
        print_ablation(table, Console())
    except ConfigError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
