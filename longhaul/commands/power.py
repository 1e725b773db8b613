"""Say how many episodes are needed to find a difference.

    longhaul power 0.42 0.50
    longhaul power --pilot runs/a runs/b --metric isr

Two success rates: the one there is and the one to be found. With --pilot A B (two run folders that
share episodes) the pairs agree as theirs do, and --difference may be of any --metric.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from longhaul.commands.parser import Parser, obey
from longhaul.output import Output


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, answer, and return the exit code."""
    return obey(parser(), answer, arguments)


def parser() -> Parser:
    """Return what reads the command line."""
    reads = Parser("power", __doc__)
    reads.add_argument("rates", type=float, nargs="*", help="two success rates, in 0..1")
    reads.add_argument("--pilot", type=Path, nargs=2, metavar="RUN", help="two run folders")
    reads.add_argument("--metric", default="sr", help="of the pilot: sr, isr, avg_len, ...")
    reads.add_argument("--difference", type=float, help="to be found; the pilot's without it")
    reads.add_argument("--power", type=float, default=0.8, help="probability to find it")
    reads.add_argument("--alpha", type=float, default=0.05, help="probability of a false find")
    reads.add_argument("--force", action="store_true", help="pilots of other renderers or splits")
    return reads


def answer(given: argparse.Namespace, output: Output) -> None:
    """Print how many episodes are needed."""
    from longhaul.evaluation.comparison.compare import read_run, require_comparable
    from longhaul.evaluation.comparison.power import pilot
    from longhaul.evaluation.reports.power import needed_for_pilot, needed_for_rates

    if given.pilot:
        a, b = (read_run(path) for path in given.pilot)
        ids = require_comparable(a, b, given.force)
        found = pilot([a.records[i] for i in ids], [b.records[i] for i in ids], given.metric)
        needed, told = needed_for_pilot(
            found, given.metric, len(ids), given.difference, given.power, given.alpha
        )
    else:
        needed, told = needed_for_rates(given.rates, given.power, given.alpha)
    output.result(needed, "\n".join(told))
