"""Compare runs with the first, episode by episode: python scripts/compare.py runs/a runs/b

With --out FOLDER the comparison is written there too, as comparison.md with a picture.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from longhaul.errors import ConfigError
from longhaul.evaluation.comparison.compare import read_run
from longhaul.evaluation.comparison.several import compare_runs
from longhaul.evaluation.reports.comparison import print_comparison, write_report


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("a", type=Path, help="run folder to compare with")
    parser.add_argument("runs", type=Path, nargs="+", help="run folders to compare")
    parser.add_argument("--out", type=Path, help="folder for a report in Markdown")
    force = "even with different renderers or splits"
    parser.add_argument("--force", action="store_true", help=force)
    given = parser.parse_args(arguments)
    try:
        found = compare_runs([read_run(path) for path in (given.a, *given.runs)], given.force)
        print_comparison(found, Console())
        if given.out:
            print(write_report(found, given.out))
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
