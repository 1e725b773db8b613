"""A training run that is killed with -9 on its way: python -m tests...killed FOLDER STEP"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from tests.policies.training.toy import make_trainer


def main(folder: Path, last: int) -> None:
    trainer = make_trainer(folder, save_every=7)
    report = trainer._report

    def dying(kind: str, values: dict[str, float]) -> None:
        report(kind, values)
        if trainer.step == last:
            os.kill(os.getpid(), signal.SIGKILL)

    trainer._report = dying  # type: ignore[method-assign, assignment]
    trainer.run()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
