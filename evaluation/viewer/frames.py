"""Which step each frame of an episode's video shows."""

from __future__ import annotations

from pathlib import Path

import av

from longhaul.evaluation.recordings.video import HOLD_S


def frame_steps(path: Path, steps: int) -> dict[str, float] | None:
    """Return `every` and `rate` of a video: frame i, shown at i / rate s, is the state after
    i * every steps, the last one that after `steps`. None for a file that is no video.

    VideoWriter keeps every so-maniest frame and the last, and holds that; so the number of frames
    says which.
    """
    try:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            rate = float(stream.average_rate or 0)
            frames = stream.frames or sum(1 for _ in container.demux(stream)) - 1
    except (OSError, av.FFmpegError, IndexError):
        return None
    if not rate or not frames:
        return None
    kept = frames - round(HOLD_S * rate)
    every = 1
    while every < steps and steps // every + 1 + (steps % every > 0) > kept:
        every += 1
    return {"every": every, "rate": rate}
