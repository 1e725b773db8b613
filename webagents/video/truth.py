"""The ground truth of a recorded tutorial, frame by frame: a JSON file beside its video."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Span:
    """The frames from `first` to before `last` in which one thing is done: `state` is move, act or
    rest (what the pointer does); `url` and `title` are those of the page, after a click those of
    the page that it leads to."""

    first: int
    last: int
    state: str
    action: str
    url: str
    title: str
    caption: str


@dataclass(frozen=True)
class Saying:
    """The speech between two times (seconds)."""

    start: float
    end: float
    text: str


@dataclass(frozen=True)
class Truth:
    """What a video shows and says: its frames per second and number of frames, the spans of all
    frames, its speech, and whether it is narrated."""

    fps: int
    frames: int
    spans: tuple[Span, ...]
    sayings: tuple[Saying, ...]
    narrated: bool

    def at(self, frame: int) -> Span:
        """Return the span of a frame. Raises IndexError for a number that is no frame's."""
        for span in self.spans:
            if span.first <= frame < span.last:
                return span
        raise IndexError(f"frame {frame} is not in 0 to {self.frames - 1}")

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Truth:
        """Return the truth of its JSON form."""
        spans = tuple(Span(**span) for span in data["spans"])
        sayings = tuple(Saying(**saying) for saying in data["sayings"])
        return cls(**{**data, "spans": spans, "sayings": sayings})


def truth_path(video: Path) -> Path:
    """Return the path of a video's ground truth, which lies beside it."""
    return video.with_suffix(".json")


def write_truth(video: Path, truth: Truth) -> None:
    """Write the truth beside its video."""
    truth_path(video).write_text(json.dumps(truth.to_json(), indent=1) + "\n")
