"""Shows on a terminal how far a training run is; elsewhere the lines of losses say it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)


class TrainingBar:
    """A bar of `total` steps, of which earlier sessions have taken `done`."""

    def __init__(self, console: Console, total: int, done: int) -> None:
        self._bar = Progress(
            TextColumn("steps"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(elapsed_when_finished=False),
            console=console,
            disable=not console.is_terminal,
            transient=True,
        )
        self._task = self._bar.add_task("steps", total=total, completed=done)

    def __enter__(self) -> TrainingBar:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    @contextmanager
    def hidden(self) -> Iterator[None]:
        """Leave the terminal to another bar, such as that of a rollout."""
        self._bar.stop()
        try:
            yield
        finally:
            self._bar.start()

    def advance(self, step: int) -> None:
        """Show that `step` steps are done."""
        self._bar.update(self._task, completed=step)
