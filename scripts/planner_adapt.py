"""Train the planner's adapter: python scripts/planner_adapt.py --episodes 300 --out runs/adapter"""

import sys

from longhaul.__main__ import main

if __name__ == "__main__":
    sys.exit(main(command="planner-adapt"))
