"""Evaluate a policy: python scripts/rollout.py policy=expert env=calvin episodes=20"""

from __future__ import annotations

import sys

from omegaconf import DictConfig

from longhaul.configs.app import run
from longhaul.configs.rollouts import roll_out
from longhaul.evaluation.reports.table import print_table


def main(cfg: DictConfig) -> None:
    """Evaluate, and show what came of it."""
    print_table(roll_out(cfg))


if __name__ == "__main__":
    sys.exit(run(main, "rollout"))
