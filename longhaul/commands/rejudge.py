"""Have another judge score a run of browser tasks, from its record.

    longhaul rejudge run=runs/a judge=local models.local.path=FOLDER

The metrics are printed beside the first score; the new scores are a run folder like any other.
"""

from __future__ import annotations

from collections.abc import Sequence

from omegaconf import DictConfig

from longhaul.configs.app import run
from longhaul.output import Output


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, judge, and return the exit code."""
    return run(rejudge, "rejudge", arguments, about=__doc__)


def rejudge(cfg: DictConfig, output: Output) -> None:
    """Judge again, and show both scores."""
    from longhaul.configs.rejudging import rejudge_run
    from longhaul.evaluation.reports.comparison import comparison_json, show_comparison

    found = rejudge_run(cfg, output.messages)
    output.result(comparison_json(found), *show_comparison(found))
