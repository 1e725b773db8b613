"""Longhaul: train and evaluate policies that carry a task through many dependent steps.

`longhaul.make`, `longhaul.evaluate` and `longhaul.load_run` are loaded when they are first used,
so that this import costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from longhaul.api import evaluate, load_run, make

__all__ = ["evaluate", "load_run", "make"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        return getattr(import_module("longhaul.api"), name)
    raise AttributeError(f"module 'longhaul' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
