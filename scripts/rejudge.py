"""Have another judge score a run of browser tasks, from its record:

python scripts/rejudge.py run=runs/a judge=local models.local.path=FOLDER

Prints the metrics beside the first score; the new scores are a run folder as any other.
"""

from __future__ import annotations

import sys

from omegaconf import DictConfig
from rich.console import Console

from longhaul.configs.app import run
from longhaul.configs.rejudging import rejudge_run
from longhaul.evaluation.reports.comparison import print_comparison


def main(cfg: DictConfig) -> None:
    """Judge again, and show both scores."""
    print_comparison(rejudge_run(cfg, Console(stderr=True)), Console())


if __name__ == "__main__":
    sys.exit(run(main, "rejudge"))
