"""Compare runs with the first, episode by episode.

    longhaul compare runs/a runs/b [runs/c ...]

With --out FOLDER the comparison is written there too, as comparison.md with a picture.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from longhaul.commands.parser import Parser, guarded


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, compare, and return the exit code."""
    given = parser().parse_args(arguments)
    return guarded(lambda: compare(given))


def parser() -> Parser:
    """Return what reads the command line."""
    reads = Parser("compare", __doc__)
    reads.add_argument("a", type=Path, help="run folder to compare with")
    reads.add_argument("runs", type=Path, nargs="+", help="run folders to compare")
    reads.add_argument("--out", type=Path, help="folder for a report in Markdown")
    force = "compare runs with different renderers or splits, too"
    reads.add_argument("--force", action="store_true", help=force)
    return reads


def compare(given: argparse.Namespace) -> None:
    """Print the comparison, and write it where the command line says."""
    from rich.console import Console

    from longhaul.evaluation.comparison.compare import read_run
    from longhaul.evaluation.comparison.several import compare_runs
    from longhaul.evaluation.reports.comparison import print_comparison, write_report

    found = compare_runs([read_run(path) for path in (given.a, *given.runs)], given.force)
    print_comparison(found, Console())
    if given.out:
        print(write_report(found, given.out))
