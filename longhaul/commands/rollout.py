"""Evaluate a policy in an env, with intervals, films and a record of every episode.

    longhaul rollout policy=seer env=calvin episodes=20
    longhaul rollout policy=mine --plugin FOLDER env=calvin

The same command goes on where it stopped; a larger episodes= extends the run. Exit code 1 says
that too many episodes ended in an error for a result.
"""

from __future__ import annotations

from collections.abc import Sequence

from omegaconf import DictConfig

from longhaul.configs.app import run
from longhaul.output import Output


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, evaluate, and return the exit code."""
    return run(evaluate, "rollout", arguments, about=__doc__)


def evaluate(cfg: DictConfig, output: Output) -> int:
    """Evaluate, and show what came of it."""
    from longhaul.configs.rollouts import roll_out
    from longhaul.evaluation.reports.table import show_summary

    summary = roll_out(cfg, output)
    output.result(summary, *show_summary(summary))
    return 1 if summary["headline_refused"] else 0
