"""Record demonstrations: python scripts/record.py env=calvin episodes=500 out=runs/demos/calvin"""

import sys

from longhaul.__main__ import main

if __name__ == "__main__":
    sys.exit(main(command="record"))
