"""Compare two runs episode by episode: python scripts/compare.py runs/a runs/b"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from envs.specs import ConfigError
from evaluation.compare import print_comparison, read_run


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("a", type=Path, help="run folder to compare with")
    parser.add_argument("b", type=Path, help="run folder to compare")
    parser.add_argument("--force", action="store_true", help="even with different renderers")
    given = parser.parse_args(arguments)
    try:
        print_comparison(read_run(given.a), read_run(given.b), given.force, Console())
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
