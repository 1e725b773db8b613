"""Look at runs in a browser: python scripts/view.py RUN [OTHER_RUN] [--export DIR]

A second run is set beside the first. A run that is still being written is followed.
A live session of an env and a policy: python scripts/view.py env=calvin policy=seer [--demos DIR]
The page is for this machine alone (127.0.0.1), at an address that nobody can guess; Ctrl-C ends it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from longhaul.configs.app import run
from longhaul.configs.live import live
from longhaul.errors import ConfigError
from longhaul.evaluation.viewer.documents import Documents
from longhaul.evaluation.viewer.export import export
from longhaul.evaluation.viewer.folder import RunView
from longhaul.evaluation.viewer.rerun_export import write_rerun
from longhaul.evaluation.viewer.serve import serve


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="+", metavar="RUN | key=value")
    parser.add_argument("--export", type=Path, metavar="DIR", help="write pages to mail instead")
    parser.add_argument("--rerun", type=Path, metavar="OUT.rrd", help="write a file for Rerun")
    parser.add_argument("--demos", type=Path, metavar="DIR", help="save demonstrations here")
    parser.add_argument("--port", type=int, default=0, help="a free one without it")
    given, rest = parser.parse_known_args(arguments)
    keys = [word for word in given.words if "=" in word and not Path(word).is_dir()]
    if keys:
        return run(lambda cfg: live(cfg, given.port, given.demos), "rollout", [*keys, *rest])
    try:
        runs = [RunView(Path(word)) for word in given.words]
        documents = Documents(runs)
        if given.rerun:
            print(f"{given.rerun}: {write_rerun(runs, given.rerun)} episodes")
        elif given.export:
            print(export(documents, given.export))
        else:
            serve(documents, given.port)
    except ConfigError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
