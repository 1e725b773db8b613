"""Look at runs in a browser: python scripts/view.py RUN [OTHER_RUN] [--export DIR]

A second run is set beside the first. The page is for this machine alone (127.0.0.1), at an address
that nobody else can guess; Ctrl-C ends it. A run that is still being written is followed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from envs.specs import ConfigError
from evaluation.viewer.documents import Documents
from evaluation.viewer.export import export
from evaluation.viewer.folder import RunView
from evaluation.viewer.serve import serve


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=Path, nargs="+", metavar="RUN", help="one or two run folders")
    parser.add_argument("--export", type=Path, metavar="DIR", help="write pages to mail instead")
    parser.add_argument("--port", type=int, default=0, help="a free one without it")
    given = parser.parse_args(arguments)
    try:
        documents = Documents([RunView(path) for path in given.runs])
        if given.export:
            print(export(documents, given.export))
        else:
            serve(documents, given.port)
    except ConfigError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
