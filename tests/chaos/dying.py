"""Work that dies right before its k-th change of a file, as `kill -9` would end it there."""

from __future__ import annotations

import os
import shutil
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import pyarrow.parquet
import pytest

KILLED, FAILED = 9, 1

EVERY_CHANGE_IS_SLOW = pytest.mark.parametrize(
    "stride", [5, pytest.param(1, marks=pytest.mark.slow)]
)
"""Each fifth change is enough for CI."""

CHANGES = (
    (os, "replace"),
    (os, "rename"),
    (os, "unlink"),
    (os, "fsync"),
    (os, "mkdir"),
    (shutil, "rmtree"),
    (shutil, "move"),
)
"""Changes that are there or not: each makes a file visible under its final name, or removes one."""

WRITES = (
    (Path, "write_text"),
    (Path, "write_bytes"),
    (numpy, "save"),
    (numpy, "savez"),
    (numpy, "savez_compressed"),
    (pyarrow.parquet, "write_table"),
)
"""Changes that can be half: each writes a file, of which the first half is there."""


def dies_before(change: int, work: Callable[[], object]) -> bool:
    """Do `work` in a forked process that ends at once right before its change number `change`, or
    in its middle, counted from 1; return whether it came so far. Nothing is cleaned up behind it.

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

    def counted(original: Callable[..., Any], writes: bool) -> Callable[..., Any]:
        def count(*args: Any, **kwargs: Any) -> Any:
            left[0] -= 1
            if left[0] == 0:
                if writes:
                    original(*args, **kwargs)
                    _halve(args)
                os._exit(KILLED)
            return original(*args, **kwargs)

        return count

    try:
        for module, name in (*CHANGES, *WRITES):
            writes = (module, name) in WRITES
            setattr(module, name, counted(getattr(module, name), writes))
        work()
    except BaseException:
        traceback.print_exc()
        os._exit(FAILED)
    os._exit(0)


def _halve(arguments: tuple[Any, ...]) -> None:
    """Cut the file that a call wrote, to a path or to an open file, to half."""
    for value in arguments:
        if hasattr(value, "flush"):
            value.flush()
        named = value if isinstance(value, str | Path) else getattr(value, "name", None)
        if isinstance(named, str | Path) and Path(named).is_file():
            os.truncate(named, Path(named).stat().st_size // 2)
            return
