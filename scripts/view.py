"""Look at runs in a browser: python scripts/view.py RUN [OTHER_RUN] [--export DIR]"""

import sys

from longhaul.__main__ import main

if __name__ == "__main__":
    sys.exit(main(command="view"))
