"""How many episodes a difference needs: python scripts/power.py 0.42 0.50"""

import sys

from longhaul.__main__ import main

if __name__ == "__main__":
    sys.exit(main(command="power"))
