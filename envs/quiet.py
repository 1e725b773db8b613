"""Importing libraries whose C code greets on standard error."""

from __future__ import annotations

import importlib
import os
from types import ModuleType


def import_quietly(module: str) -> ModuleType:
    """Import and return a module while the process's standard error goes nowhere.

    PyBullet's C code prints its build time to file descriptor 2 when it is loaded. A command that
    reports an error as one line must not print that too. A failing import still raises as usual.
    """
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        return importlib.import_module(module)
    finally:
        os.dup2(kept, 2)
        os.close(nowhere)
        os.close(kept)
