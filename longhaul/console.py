"""Consoles, where text is text and only a terminal breaks lines; and the log of what one said."""

from __future__ import annotations

import os
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

from rich.console import Console as RichConsole
from rich.console import ConsoleRenderable, RenderHook
from rich.control import Control
from rich.live_render import LiveRender
from rich.progress import Progress as Bar
from rich.text import Text

from longhaul.errors import ConfigError, FailedError, printable
from longhaul.interrupts import Terminated
from longhaul.secrets import scrub

UNLIMITED_WIDTH = 100_000
"""The width in characters of a file or a pipe: no line is as long."""

LOG_FILE = "log.txt"
"""The log's name in the folder of a run."""

MAX_LOG_BYTES = 1_000_000
"""The size of a log from which its older half is dropped."""

LINE_EVERY_S = 30.0
"""Seconds between two lines of progress where there is no terminal."""


class Console(RichConsole):
    """Rich's console on standard output or standard error, for text from anywhere.

    Brackets in a name are no markup, and a line is broken on a terminal alone, at its width.
    """

    def __init__(self, stderr: bool = False, quiet: bool = False) -> None:
        stream = sys.stderr if stderr else sys.stdout
        width = None
        if not stream.isatty():
            width = UNLIMITED_WIDTH
        elif os.environ.get("TERM") in ("dumb", "unknown"):  # there Rich takes 80 columns for given
            width = os.get_terminal_size(stream.fileno()).columns or None
        super().__init__(
            stderr=stderr, quiet=quiet, width=width, markup=False, highlight=False, emoji=False
        )

    def print(self, *objects: Any, **options: Any) -> None:
        """Print as Rich does; text comes without secrets."""
        super().print(*(scrub(o) if isinstance(o, str) else o for o in objects), **options)

    def render_str(self, text: str, **how: Any) -> Text:
        """Return a text, of a table too, without what would give a terminal orders."""
        return super().render_str(printable(text), **how)

    def on_broken_pipe(self) -> None:
        """Raise BrokenPipeError again, which `longhaul.__main__.main` handles."""
        raise


class Counting:
    """Shows how many of `total` things there are: a bar on a terminal, else a line now and then."""

    def __init__(self, console: Console, what: str, total: int) -> None:
        self._console, self._what, self._total = console, what, total
        self._last_line = time.monotonic()
        self._bar = Bar(console=console, disable=not console.is_terminal)
        self._task = self._bar.add_task(what, total=total)

    def __enter__(self) -> Counting:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def reached(self, done: int) -> None:
        """Show that there are so many."""
        self._bar.update(self._task, completed=done)
        now = time.monotonic()
        if not self._console.is_terminal and now - self._last_line >= LINE_EVERY_S:
            self._last_line = now
            self._console.print(f"{done} of {self._total} {self._what}")


@contextmanager
def logged(console: RichConsole, folder: Path) -> Iterator[None]:
    """Write what a console says meanwhile, and what ends the block, to a folder's log.txt too.

    Each line has its time. There are no colors and no bars of progress in it, and lines are added
    to what is there. The log is kept below MAX_LOG_BYTES. A quiet console is logged as well.
    """
    log = _Log(folder / LOG_FILE)
    log.write(f"process {os.getpid()} begins")
    console.push_render_hook(log)
    try:
        yield
    except BaseException as error:
        log.write(_told(error))
        raise
    finally:
        console.pop_render_hook()


def _told(error: BaseException) -> str:
    """Return what a command says of the exception that ends it."""
    if isinstance(error, KeyboardInterrupt):
        return "terminated" if isinstance(error, Terminated) else "interrupted"
    if isinstance(error, FailedError):
        return f"error: {error}"
    if isinstance(error, ConfigError | SystemExit):
        return f"error: {' '.join(str(error).split())}"
    return "".join(traceback.format_exception(error))


class _Log(RenderHook):
    """Sees all that a console prints."""

    def __init__(self, path: Path) -> None:
        self._path, self._lock = path, threading.Lock()
        self._page = StringIO()
        self._plain = RichConsole(
            file=self._page,
            width=UNLIMITED_WIDTH,
            color_system=None,
            force_terminal=False,
            markup=False,
            highlight=False,
            emoji=False,
        )

    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        said = [r for r in renderables if not isinstance(r, Control | LiveRender)]
        if said:
            with self._lock:
                self._plain.print(*said)
                text = self._page.getvalue()
                self._page.seek(0)
                self._page.truncate()
            self.write(text)
        return renderables

    def write(self, text: str) -> None:
        """Add lines, each with the time; blank ones are left out."""
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        said = scrub(text).splitlines()
        lines = [f"{now} {line.rstrip()}\n" for line in said if line.strip()]
        # A full disk ends the run where it loses results, and there it is told.
        with suppress(OSError), self._path.open("ab+") as file:
            if file.tell() > MAX_LOG_BYTES:
                file.seek(-MAX_LOG_BYTES // 2, os.SEEK_END)
                kept = file.read().partition(b"\n")[2]
                file.truncate(0)
                file.write(kept)
            file.write("".join(lines).encode(errors="replace"))
