"""The tasks of the tabletop: a task puts things on a table and says what to do with them.

Every module of this package that has a tuple `TASKS` adds its tasks, so a new task is one new
file here. `env.tasks=[...]` evaluates it.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module

from envs.lohoravens.tasks.task import Task


def _collect() -> dict[str, Task]:
    found: dict[str, Task] = {}
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        for task in getattr(import_module(module.name), "TASKS", ()):
            if task.name in found:
                raise ValueError(
                    f"LoHoRavens task {task.name} is defined twice, again in {module.name}"
                )
            found[task.name] = task
    return found


TASKS: dict[str, Task] = _collect()
