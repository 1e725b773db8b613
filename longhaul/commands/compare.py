"""Compare runs with the first, episode by episode.

    longhaul compare runs/a runs/b [runs/c ...]

With --out FOLDER the comparison is written there too, as comparison.md with a picture.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from longhaul.commands.parser import Parser, obey
from longhaul.output import Output


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, compare, and return the exit code."""
    return obey(parser(), compare, arguments)


def parser() -> Parser:
    """Return what reads the command line."""
    reads = Parser("compare", __doc__)
    reads.add_argument("a", type=Path, help="run folder to compare with")
    reads.add_argument("runs", type=Path, nargs="*", help="run folders to compare")
    reads.add_argument("--out", type=Path, help="folder for a report in Markdown")
    force = "compare runs with different renderers or splits, too"
    reads.add_argument("--force", action="store_true", help=force)
    return reads


def compare(given: argparse.Namespace, output: Output) -> None:
    """Print the comparison, and write it where the command line says."""
    from longhaul.errors import ConfigError
    from longhaul.evaluation.comparison.compare import read_run
    from longhaul.evaluation.comparison.several import compare_runs
    from longhaul.evaluation.reports.comparison import (
        comparison_json,
        show_comparison,
        write_report,
    )

    if not given.runs:
        raise ConfigError(f"give a second run: longhaul compare {given.a} runs/OTHER")
    paths = (given.a, *given.runs)
    output.at(f"comparing {len(paths)} runs")
    found = compare_runs([read_run(path) for path in paths], given.force)
    report = [write_report(found, given.out)] if given.out else []
    output.result(comparison_json(found), *show_comparison(found), *map(str, report))
