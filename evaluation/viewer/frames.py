"""Computes which step each frame of an episode's video shows."""

from __future__ import annotations

from pathlib import Path

import av

from longhaul.evaluation.recordings.video import LAST_FRAME_S


def frame_steps(path: Path, steps: int) -> dict[str, float] | None:
    """Return `every` and `rate` of a video, or None for a file that is no video. Frame i is shown
    at i / rate seconds; it is the state after i * every steps, and the last one that after `steps`.

    VideoWriter keeps every `every`-th frame and the last one, which it repeats; `every` is computed
    from the number of frames.
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
    kept = frames - round(LAST_FRAME_S * rate)
    every = 1
    while every < steps and steps // every + 1 + (steps % every > 0) > kept:
        every += 1
    return {"every": every, "rate": rate}
