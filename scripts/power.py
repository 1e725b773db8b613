"""How many episodes a difference needs: python scripts/power.py 0.42 0.50

Two success rates: the one there is and the one to be found. With --pilot A B (two run folders that
share episodes) the pairs' agreement is theirs, and --difference may be of any --metric.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from longhaul.errors import ConfigError
from longhaul.evaluation.comparison.compare import read_run, require_comparable
from longhaul.evaluation.comparison.power import pilot
from longhaul.evaluation.reports.power import needed_for_pilot, needed_for_rates


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rates", type=float, nargs="*", help="two success rates, in 0..1")
    parser.add_argument("--pilot", type=Path, nargs=2, metavar="RUN")
    parser.add_argument("--metric", default="sr", help="of the pilot: sr, isr, avg_len, ...")
    parser.add_argument("--difference", type=float, help="to be found; the pilot's without it")
    parser.add_argument("--power", type=float, default=0.8, help="chance to find it")
    parser.add_argument("--alpha", type=float, default=0.05, help="chance of a false find")
    parser.add_argument("--force", action="store_true", help="pilots of unlike renderers or splits")
    given = parser.parse_args(arguments)
    try:
        if given.pilot:
            a, b = (read_run(path) for path in given.pilot)
            ids = require_comparable(a, b, given.force)
            found = pilot([a.records[i] for i in ids], [b.records[i] for i in ids], given.metric)
            told = needed_for_pilot(
                found, given.metric, len(ids), given.difference, given.power, given.alpha
            )
        else:
            told = needed_for_rates(given.rates, given.power, given.alpha)
    except ConfigError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print("\n".join(told))
    return 0


if __name__ == "__main__":
    sys.exit(main())
