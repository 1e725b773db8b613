"""Record demonstrations: python scripts/record.py env=calvin episodes=500 out=runs/demos/calvin"""

import sys

from longhaul.commands.record import main

if __name__ == "__main__":
    sys.exit(main())
