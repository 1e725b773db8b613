"""Ctrl-C and SIGTERM, for all commands: the first ends what runs in order, the second at once.

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

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Terminated(KeyboardInterrupt):
    """What SIGTERM raises, as systems send it that end a job."""


@contextmanager
def interruptible() -> Iterator[None]:
    """Raise KeyboardInterrupt at the first Ctrl-C, Terminated at the first SIGTERM, and end the
    process at the second signal.

    Outside the main thread, and for a signal that is ignored (as Ctrl-C is for a job in the
    background of a script), nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def first(number: int, frame: Any) -> NoReturn:
        for each in before:
            signal.signal(each, _end)  # stays in force until the process has ended
        raise Terminated if number == signal.SIGTERM else KeyboardInterrupt

    heard = {number: signal.getsignal(number) for number in SIGNALS}
    before = {n: old for n, old in heard.items() if old not in (signal.SIG_IGN, None)}
    for number in before:
        signal.signal(number, first)
    try:
        yield
    finally:
        for number, old in before.items():
            if signal.getsignal(number) is first:
                signal.signal(number, old)


@contextmanager
def withheld() -> Iterator[None]:
    """Withhold Ctrl-C from the processes that this thread starts meanwhile; here it acts later."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT,))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def interrupted(stop: KeyboardInterrupt, goes_on: bool) -> int:
    """Say in one line that a signal ended a command; return the exit code for it."""
    rest = "; the same command goes on from here" if goes_on else ""
    said = "terminated" if isinstance(stop, Terminated) else "interrupted"
    print(f"{said}{rest}", file=sys.stderr)
    return 128 + signal.SIGTERM if isinstance(stop, Terminated) else INTERRUPTED


def _end(number: int, frame: Any) -> NoReturn:
    os.write(2, b"interrupted again: ended at once\n")
    os._exit(INTERRUPTED)
