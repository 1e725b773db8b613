"""Judge a run's answers again: python scripts/rejudge.py run=runs/a judge=local"""

import sys

from longhaul.__main__ import main

if __name__ == "__main__":
    sys.exit(main(command="rejudge"))
