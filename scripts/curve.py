"""Draw training runs: python scripts/curve.py RUN [RUN ...] --out curve.png"""

import sys

from longhaul.commands.curve import main

if __name__ == "__main__":
    sys.exit(main())
