"""Fill the planner's experience: python scripts/planner_remember.py RUN --out FILE"""

import sys

from longhaul.__main__ import main

if __name__ == "__main__":
    sys.exit(main(command="planner-remember"))
