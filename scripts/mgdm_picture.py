"""Draw an episode of MGDM: python scripts/mgdm_picture.py policy=mgdm env=lhvln --episode ID"""

import sys

from longhaul.__main__ import main

if __name__ == "__main__":
    sys.exit(main(command="mgdm-picture"))
