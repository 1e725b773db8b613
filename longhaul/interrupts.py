"""Ctrl-C, for all commands: the first ends what runs in order, the second at once.

A process that a command starts while `withheld` never gets Ctrl-C, which a terminal sends to all of
them: the command itself ends them.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

INTERRUPTED = 130
"""The exit code of a command that Ctrl-C ended, as shells give it: 128 and the signal's number."""


@contextmanager
def interruptible() -> Iterator[None]:
    """Raise KeyboardInterrupt at the first Ctrl-C, and end the process at the second.

    Outside the main thread, and where Ctrl-C is ignored (as for a job in the background of a
    script), nothing changes.
    """
    before = signal.getsignal(signal.SIGINT)
    main = threading.current_thread() is threading.main_thread()
    if not main or before in (signal.SIG_IGN, None):
        yield
        return

    def first(number: int, frame: Any) -> NoReturn:
        signal.signal(signal.SIGINT, _end)  # stays in force until the process has ended
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, first)
    try:
        yield
    finally:
        if signal.getsignal(signal.SIGINT) is first:
            signal.signal(signal.SIGINT, before)


@contextmanager
def withheld() -> Iterator[None]:
    """Withhold Ctrl-C from the processes that this thread starts meanwhile; here it acts later."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT,))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def interrupted(goes_on: bool) -> int:
    """Say in one line that Ctrl-C ended a command; return the exit code for it."""
    rest = "; the same command goes on from here" if goes_on else ""
    print(f"interrupted{rest}", file=sys.stderr)
    return INTERRUPTED


def _end(number: int, frame: Any) -> NoReturn:
    os.write(2, b"interrupted again: ended at once\n")
    os._exit(INTERRUPTED)
