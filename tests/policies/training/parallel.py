"""One of several processes that train together: torchrun -m tests...parallel FOLDER"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.policies.training.toy import BATCH, make_trainer

if __name__ == "__main__":
    share = BATCH // int(os.environ["WORLD_SIZE"])
    make_trainer(Path(sys.argv[1]), noise=0.0, batch=share).run()
