"""Evaluate a policy: python scripts/rollout.py policy=expert env=calvin episodes=20"""

import sys

from longhaul.__main__ import main

if __name__ == "__main__":
    sys.exit(main(command="rollout"))
