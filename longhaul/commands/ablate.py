"""Evaluate variants of a policy, to see what each part of it is worth.

    longhaul ablate policy=mgdm env=lhvln episodes=100

Every variant of configs/ablation/POLICY.yaml (--variants: another one, or a file) is evaluated on
the same episodes, and one table is printed. The rest of the command line is that of rollout. Each
variant is a run folder under --out, and what is there already is not done again.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from omegaconf import DictConfig

from longhaul.commands.parser import Parser, obey
from longhaul.configs.app import run
from longhaul.configs.words import in_order
from longhaul.output import Output


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, evaluate all variants, and return the exit code."""
    return obey(parser(), ablate, arguments, keys=True)


def parser() -> Parser:
    """Return what reads the command line."""
    reads = Parser("ablate", __doc__)
    reads.add_argument("--variants", help="a YAML file, or the name of one in configs/ablation")
    reads.add_argument("--out", type=Path, help="runs/ENV-POLICY-ablation without it")
    return reads


def ablate(given: argparse.Namespace, output: Output) -> int:
    """Do what is missing of each variant's run, and print the table."""
    from longhaul.configs.ablations import ABLATION_FOLDER, choice, folder_of, read_variants
    from longhaul.errors import ConfigError
    from longhaul.evaluation.comparison.ablation import ablation, show_ablation, write_ablation
    from longhaul.evaluation.comparison.compare import read_run

    rest = in_order(given.rest)
    policy, env = choice(rest, "policy", "seer"), choice(rest, "env", "calvin")
    out = given.out or Path("runs") / f"{env}-{policy}-ablation"
    if choice(rest, "run_dir", ""):
        raise ConfigError("run_dir is each variant's own: give --out=FOLDER for all of them")
    if given.variants is None and not (ABLATION_FOLDER / f"{policy}.yaml").is_file():
        known = ", ".join(sorted(path.stem for path in ABLATION_FOLDER.glob("*.yaml")))
        raise ConfigError(
            f"policy={policy} has no variants of its own (policies that have: {known}); "
            "give --variants=FILE.yaml"
        )
    variants = read_variants(given.variants or policy)
    folders = {name: out / folder_of(name) for name in variants}
    for name, overrides in variants.items():
        output.messages.print(f"variant {name}: {' '.join(overrides) or 'as it is'}")
        words = [*rest, *overrides, f"run_dir='{folders[name]}'"]
        code = run(evaluate, "rollout", words, output=output)
        if code:
            return code
    table = ablation({name: read_run(folder) for name, folder in folders.items()})
    write_ablation(table, out)
    output.result(table, show_ablation(table))
    return 0


def evaluate(cfg: DictConfig, output: Output) -> None:
    """Do what is missing of a variant's run."""
    from longhaul.configs.rollouts import roll_out

    roll_out(cfg, output)
