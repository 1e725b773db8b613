"""Draw training runs: python scripts/curve.py RUN [RUN ...] --out curve.png"""

import sys

from longhaul.__main__ import main

if __name__ == "__main__":
    sys.exit(main(command="curve"))
