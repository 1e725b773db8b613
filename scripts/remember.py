"""Fill a planner's experience: python scripts/remember.py runs/a runs/b --out experience.jsonl"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from longhaul.errors import ConfigError
from longhaul.policies.planner.experience import remember, write


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=Path, nargs="+", help="finished runs of policy=planner")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args(arguments)
    try:
        pool = [experience for run in given.runs for experience in remember(run)]
    except ConfigError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    write(given.out, pool)
    print(f"{given.out}: {len(pool)} episodes, {sum(e.success for e in pool)} of them successes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
