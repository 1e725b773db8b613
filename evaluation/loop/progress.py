"""Shows the progress of a run: a bar on a terminal, otherwise a line from time to time."""

from __future__ import annotations

import time
from collections.abc import Callable

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bar

from longhaul.console import LINE_EVERY_S
from longhaul.envs.episode import EpisodeRecord


class Progress:
    """Counts episodes toward `total`; a former session has finished `done` of them.

    `note` returns a text that is shown beside the rate.
    """

    def __init__(
        self, console: Console, total: int, done: int, note: Callable[[], str] | None = None
    ) -> None:
        self._note = note
        self._console, self._total, self._done, self._new = console, total, done, 0
        self._steps = self._successes = 0
        self._began = self._last_line = time.monotonic()
        self._bar = Bar(
            TextColumn("episodes"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(elapsed_when_finished=False),
            console=console,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("episodes", total=total, completed=done, rate="")

    def __enter__(self) -> Progress:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def advance(self, record: EpisodeRecord) -> None:
        """Count one more episode."""
        self._new += 1
        self._steps += record.steps
        self._successes += record.status == "success"
        now = time.monotonic()
        elapsed = max(now - self._began, 1e-9)
        rate = (
            f"solved {self._successes} of {self._new}, {60 * self._new / elapsed:.1f}/min, "
            f"{self._steps / elapsed:.0f} steps/s"
        )
        if self._note is not None:
            rate = f"{rate}, {self._note()}"
        self._bar.update(self._task, advance=1, rate=rate)
        if not self._console.is_terminal and now - self._last_line >= LINE_EVERY_S:
            self._last_line = now
            left = (self._total - self._done - self._new) * elapsed / self._new
            self._console.print(
                f"{self._done + self._new} of {self._total} episodes, {rate}, "
                f"about {left / 60:.0f} min left"
            )
