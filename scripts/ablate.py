"""Evaluate variants of a policy: python scripts/ablate.py policy=mgdm env=lhvln episodes=100"""

import sys

from longhaul.__main__ import main

if __name__ == "__main__":
    sys.exit(main(command="ablate"))
