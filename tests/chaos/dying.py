"""Work that dies right before its k-th change of a file, as `kill -9` would end it there."""

from __future__ import annotations

import os
import shutil
import sys
import traceback
from collections.abc import Callable
from typing import Any

KILLED, FAILED = 9, 1

CHANGES = (
    (os, "replace"),
    (os, "rename"),
    (os, "unlink"),
    (os, "fsync"),
    (os, "mkdir"),
    (shutil, "rmtree"),
    (shutil, "move"),
)
"""What is counted: each makes something visible under its final name, or goes before that."""


def dies_before(change: int, work: Callable[[], object]) -> bool:
    """Do `work` in a forked process that ends at once right before its change number `change`,
    counted from 1; return whether it came so far. Nothing is cleaned up behind it.

    Fails if the work raises.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        _die(change, work)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, KILLED), f"the work ended with {code} before change {change}"
    return code == KILLED


def _die(change: int, work: Callable[[], object]) -> None:
    """Do the work and end this process."""
    left = [change]

    def counted(original: Callable[..., Any]) -> Callable[..., Any]:
        def count(*args: Any, **kwargs: Any) -> Any:
            left[0] -= 1
            if left[0] == 0:
                os._exit(KILLED)
            return original(*args, **kwargs)

        return count

    try:
        for module, name in CHANGES:
            setattr(module, name, counted(getattr(module, name)))
        work()
    except BaseException:
        traceback.print_exc()
        os._exit(FAILED)
    os._exit(0)
