"""Compare runs: python scripts/compare.py runs/a runs/b"""

import sys

from longhaul.__main__ import main

if __name__ == "__main__":
    sys.exit(main(command="compare"))
