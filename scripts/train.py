"""Train a policy: python scripts/train.py policy=seer data.path=runs/demos/calvin"""

import sys

from longhaul.__main__ import main

if __name__ == "__main__":
    sys.exit(main(command="train"))
