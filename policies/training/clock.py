"""The time that a training run has taken, over all its sessions, and its limit."""

from __future__ import annotations

import math
import time


class Clock:
    """`before` is the seconds of earlier sessions, `minutes` the limit of this one (None: none)."""

    def __init__(self, before: float, minutes: float | None) -> None:
        self._before, self._began = before, time.monotonic()
        self._limit = math.inf if minutes is None else minutes * 60
        self._mark: tuple[float, int] | None = None

    def seconds(self) -> float:
        """Return the seconds that all sessions have taken."""
        return self._before + time.monotonic() - self._began

    def over(self) -> bool:
        return time.monotonic() - self._began >= self._limit

    def rate(self, step: int) -> float:
        """Return steps per second since the last call; 0 at the first."""
        now = time.monotonic()
        then, before = self._mark or (now, step)
        self._mark = now, step
        return (step - before) / max(now - then, 1e-9)

    def left(self, step: int, steps: int) -> float:
        """Return the estimated seconds for the remaining steps."""
        return (steps - step) * self.seconds() / max(step, 1)
