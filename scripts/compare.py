"""Compare runs: python scripts/compare.py runs/a runs/b"""

import sys

from longhaul.commands.compare import main

if __name__ == "__main__":
    sys.exit(main())
