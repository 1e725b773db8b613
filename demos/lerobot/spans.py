"""Where a camera's videos hold the episodes: what the table of episodes says, checked against
itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

PLACE = ("chunk_index", "file_index", "from_timestamp", "to_timestamp")
"""What the table of episodes says of an episode's part of a camera's videos."""


def columns(key: str) -> list[str]:
    """Return the columns of the table of episodes that say where a camera's pictures are."""
    return [f"videos/{key}/{name}" for name in PLACE]


class Spans:
    """The parts of a camera's videos that the episodes take, in seconds."""

    def __init__(self, rows: Sequence[Mapping[str, Any]], key: str, step: float) -> None:
        """`step` is the time from a frame to the next."""
        chunk, file, start, stop = columns(key)
        self.starts = np.array([row[start] for row in rows], np.float64)
        self.stops = np.array([row[stop] for row in rows], np.float64)
        self.places = [(row[chunk], row[file]) for row in rows]
        self._names = [row["episode_index"] for row in rows]
        self.step = step
        self._ends: dict[tuple[int, int], float] = {}
        for place, end in zip(self.places, self.stops.tolist(), strict=True):
            self._ends[place] = max(end, self._ends.get(place, end))
        self._faults = self._overlaps()

    def end(self, index: int) -> float:
        """Return until when episodes lie in the video that holds an episode."""
        return self._ends[self.places[index]]

    def fault(self, index: int, times: NDArray[np.float64]) -> str | None:
        """Return what is wrong with an episode's part, if its frames are at `times` from its first
        on: it is too short for them by half a step, or shares more than that with another
        episode."""
        start, stop, needed = self.starts[index], self.stops[index], float(times[-1]) + self.step
        if stop - start < needed - self.step / 2:
            return (
                f"episode {self._names[index]} is said to lie from {start:.4f} to {stop:.4f} s, "
                f"and its {len(times)} frames take {needed:.4f} s"
            )
        return self._faults.get(index)

    def _overlaps(self) -> dict[int, str]:
        """Return by episode which other it overlaps; the same part may serve several."""
        faults: dict[int, str] = {}
        widest: dict[tuple[int, int], int] = {}
        for index in np.argsort(self.starts, kind="stable").tolist():
            other = widest.setdefault(self.places[index], index)
            apart = [self.starts[index] - self.starts[other], self.stops[index] - self.stops[other]]
            shared = min(self.stops[index], self.stops[other]) - self.starts[index]
            if index != other and max(map(abs, apart)) > self.step / 2 < shared:
                faults[index] = faults[other] = (
                    f"episodes {self._names[other]} and {self._names[index]} are said to share "
                    f"{shared:.4f} s, from {self.starts[index]:.4f} s on"
                )
            if self.stops[index] > self.stops[other]:
                widest[self.places[index]] = index
        return faults
