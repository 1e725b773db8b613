"""CALVIN's tasks: a task is a name, a sentence and a test of two moments.

Every module of this package that has a tuple `TASKS` adds its tasks, so a new task is one new
file here (and a skill in `expert/`, if the expert shall know it). `env.chain=[...]` evaluates it.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable
from importlib import import_module

from envs.calvin.state import SceneState
from envs.calvin.tasks.task import Task


def _collect() -> dict[str, Task]:
    found: dict[str, Task] = {}
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        for task in getattr(import_module(module.name), "TASKS", ()):
            if task.name in found:
                raise ValueError(
                    f"CALVIN task {task.name} is defined twice, again in {module.name}"
                )
            found[task.name] = task
    return found


TASKS: dict[str, Task] = _collect()


def detect(start: SceneState, end: SceneState, names: Iterable[str] | None = None) -> set[str]:
    """Return those of the named tasks (all if None) that lead from `start` to `end`."""
    return {name for name in (TASKS if names is None else names) if TASKS[name].test(start, end)}
