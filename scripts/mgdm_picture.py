"""Draw an episode of MGDM: python scripts/mgdm_picture.py policy=mgdm env=lhvln --episode ID"""

import sys

from longhaul.commands.mgdm_picture import main

if __name__ == "__main__":
    sys.exit(main())
