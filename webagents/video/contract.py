"""The contract of the methods that read a video."""

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
    """A line of text from a video: spoken, read from the screen, or from a summary. It holds from
    `start` to `end` (seconds). A line from the screen has a box there."""

    start: float
    end: float
    source: Source
    text: str
    box: Box | None = None


@dataclass(frozen=True)
class Evidence:
    """What an agent knows of a video: lines in order of time, and pictures with their times
    (seconds) for models that take images. If the pictures were chosen for the query, `nearness` has
    for each the cosine of the embeddings of its clip and of the query."""

    lines: tuple[Line, ...] = ()
    pictures: tuple[tuple[float, Picture], ...] = ()
    nearness: tuple[float, ...] = ()


class Understanding(Protocol):
    """A method that reads a video; it may keep its findings for the next question."""

    def __call__(self, video: Path, query: str) -> Evidence:
        """Return the evidence of a video for a query: a question, or a task's instruction.

        Raises VideoError for a video that is missing or cannot be read.
        """

    def provenance(self) -> Mapping[str, str]:
        """Return the properties of this method that belong to a run's identity."""


def say_time(seconds: float) -> str:
    """Return a time as a viewer reads it: `1:05`."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def say_lines(evidence: Evidence) -> str:
    """Return the lines as text for a prompt, one each: `[0:05 speech] Hello.`"""
    lines = (f"[{say_time(line.start)} {line.source}] {line.text}" for line in evidence.lines)
    return "\n".join(lines)
