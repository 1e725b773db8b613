"""The size and motion of recorded videos: python scripts/bench/videos.py FOLDER

For every video in a folder: seconds, kilobytes per 30 seconds, whether it is narrated, and the
number of distinct frames per second while the pointer moves. A decoded frame is distinct from the
one before if some pixel differs by more than LEVELS of 255 levels, which is more than the codec's
errors.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import av
import numpy as np
from table import parser, show, write

from longhaul.webagents.video.truth import Truth, truth_path

LEVELS = 48
"""The largest difference between two frames, in levels of 255, that can be an error of the codec.
"""


def main() -> int:
    arguments = parser(__doc__)
    arguments.add_argument("folder", type=Path)
    given = arguments.parse_args()
    rows = [measured(path) for path in sorted(given.folder.glob("*.mp4"))]
    if not rows:
        print(f"error: no videos in {given.folder}", file=sys.stderr)
        return 1
    show("recorded videos", rows)
    write(given.out, {"videos": rows})
    return 0


def measured(path: Path) -> dict[str, Any]:
    """Return the figures of a video."""
    truth = Truth.from_json(json.loads(truth_path(path).read_text()))
    moving = {i for s in truth.spans if s.state == "move" for i in range(s.first, s.last)}
    distinct, before = 0, None
    with av.open(str(path)) as container:
        for index, frame in enumerate(container.decode(video=0)):
            picture = frame.to_ndarray(format="gray").astype(np.int16)
            if index in moving and before is not None:
                distinct += bool(np.abs(picture - before).max() > LEVELS)
            before = picture
    seconds = truth.frames / truth.fps
    return {
        "video": path.stem,
        "seconds": round(seconds, 1),
        "kB per 30 s": round(path.stat().st_size / 1000 / seconds * 30),
        "narrated": truth.narrated,
        "distinct fps": round(truth.fps * distinct / len(moving), 1),
    }


if __name__ == "__main__":
    sys.exit(main())
