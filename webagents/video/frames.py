"""Reads the pictures of a video at given times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av

from longhaul.films import BROKEN, open_film
from longhaul.webagents.errors import VideoError
from longhaul.webagents.video.contract import Picture

MAX_VIDEO_S = 3600.0
"""The most seconds of a video that are read. The benchmark's longest video has eleven minutes."""


@dataclass(frozen=True)
class Reel:
    """Pictures (RGB) and their times, in seconds, of a video of `duration` seconds."""

    duration: float
    times: tuple[float, ...]
    pictures: tuple[Picture, ...]


def sample(video: Path, count: int) -> Reel:
    """Return `count` pictures, each from the middle of an equal share of the video; fewer if
    several shares have the same picture.

    Raises VideoError for a video that is missing, or cannot be read to its end.
    """
    duration = measure(video)
    return read_at(video, [(index + 0.5) * duration / count for index in range(count)])


def read_at(video: Path, times: Sequence[float]) -> Reel:
    """Return the pictures shown at ascending times (seconds): for each time the last frame that
    began by then. A frame for several times is returned once. Raises VideoError as `sample`."""
    found: list[tuple[float, Picture]] = []
    wanted = list(times)
    duration = measure(video)
    try:
        with open_film(video) as (container, stream):
            # A decoder with threads can hang if a video is closed before its end.
            stream.thread_type = "NONE"
            last: Any = None
            for frame in container.decode(stream):
                while last is not None and wanted and frame.time > wanted[0]:
                    if not found or found[-1][0] != last.time:
                        found.append((last.time, last.to_ndarray(format="rgb24")))
                    wanted.pop(0)
                if not wanted or frame.time > MAX_VIDEO_S:
                    break
                last = frame
            if wanted and last is not None:
                found.append((last.time, last.to_ndarray(format="rgb24")))
    except BROKEN as error:
        raise _broken(video, error) from None
    if not found:
        raise VideoError(f"{video} has no pictures; record or fetch it again")
    moments, pictures = zip(*found, strict=True)
    return Reel(duration, tuple(map(float, moments)), tuple(pictures))


def measure(video: Path) -> float:
    """Return a video's duration in seconds. Raises VideoError as `sample`."""
    if not video.is_file():
        raise VideoError(f"{video} is missing; record it (env.videos=FOLDER) or put it there")
    try:
        with open_film(video) as (container, stream):
            length = stream.duration * stream.time_base if stream.duration else 0
            return min(float(length or (container.duration or 0) / av.time_base), MAX_VIDEO_S)
    except BROKEN as error:
        raise _broken(video, error) from None


def _broken(video: Path, error: Exception) -> VideoError:
    words = " ".join(str(error).split())[:200]
    return VideoError(f"{video} is no readable video ({words}); record or fetch it again")
