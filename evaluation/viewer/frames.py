"""Computes which step each frame of an episode's video shows."""

from __future__ import annotations

from math import ceil
from pathlib import Path
from typing import BinaryIO

from longhaul.evaluation.recordings.video import LAST_FRAME_S
from longhaul.films import BROKEN, open_film


def frame_steps(file: Path | BinaryIO, steps: int) -> dict[str, float] | None:
    """Return `every` and `rate` of a video, or None for a file that is no video. Frame i is shown
    at i / rate seconds; it is the state after i * every steps, and the last one that after `steps`.

    VideoWriter keeps every `every`-th frame and the last one, which it repeats; `every` is computed
    from the number of frames. The file is read as mp4 and as nothing else: FFmpeg would take a
    list of addresses for a video, too, and fetch them.
    """
    try:
        with open_film(file, "mp4") as (container, stream):
            rate = float(stream.average_rate or 0)
            frames = stream.frames or sum(1 for _ in container.demux(stream)) - 1
    except BROKEN:
        return None
    if not rate or not frames:
        return None
    kept = frames - round(LAST_FRAME_S * rate)
    # The least number of steps to a frame with which no more than `kept` frames come about.
    every = max(1, steps if kept < 2 else ceil(steps / (kept - 1)))
    return {"every": every, "rate": rate}
