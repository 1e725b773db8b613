"""Importing libraries whose C code greets on standard error."""

from __future__ import annotations

import importlib
import os
from types import ModuleType


def import_quietly(module: str) -> ModuleType:
    """Import and return a module while the process's standard error goes nowhere.

    PyBullet prints its build time when it is loaded, past sys.stderr; a command whose error is to
    be one line can't have that. A failing import still raises as usual.
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
