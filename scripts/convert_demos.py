"""Convert a dataset: python scripts/convert_demos.py IN OUT --to calvin"""

import sys

from longhaul.__main__ import main

if __name__ == "__main__":
    sys.exit(main(command="convert"))
