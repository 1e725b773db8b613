"""Generate houses and tasks: python scripts/generate.py houses=20 tasks=200 out=runs/navgen/mine"""

import sys

from longhaul.__main__ import main

if __name__ == "__main__":
    sys.exit(main(command="generate"))
