"""What every way to take a video in answers to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""(H, W, 3) RGB."""

Source = Literal["speech", "screen", "summary"]

Box = tuple[int, int, int, int]
"""Left, top, right and bottom, in pixels of the picture, from its upper left corner."""


@dataclass(frozen=True)
class Line:
    """A line that a video gives: said, read off the screen or told in a summary, between two times
    (seconds). What was read off the screen has a place there."""

    start: float
    end: float
    source: Source
    text: str
    box: Box | None = None


@dataclass(frozen=True)
class Evidence:
    """What an agent knows of a video: lines in the order of time, and pictures with their times
    (seconds) for models that see. Where pictures were chosen for the query, `nearness` says of each
    how near its clip is: the cosine of their embeddings."""

    lines: tuple[Line, ...] = ()
    pictures: tuple[tuple[float, Picture], ...] = ()
    nearness: tuple[float, ...] = ()


class Understanding(Protocol):
    """A way to take a video in; it may keep what it found in a video for the next question."""

    def __call__(self, video: Path, query: str) -> Evidence:
        """Return what a video has for a query: a question, or a task's instruction.

        Raises VideoError for a video that is missing or cannot be read.
        """

    def provenance(self) -> Mapping[str, str]:
        """Return what of it belongs to a run's identity."""


def say_time(seconds: float) -> str:
    """Return a time as a viewer reads it: `1:05`."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def say_lines(evidence: Evidence) -> str:
    """Return the lines as text for a prompt, one each: `[0:05 speech] Hello.`"""
    lines = (f"[{say_time(line.start)} {line.source}] {line.text}" for line in evidence.lines)
    return "\n".join(lines)
