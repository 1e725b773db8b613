"""Finds the tasks of an environment: every module of its package `tasks` that has a tuple `TASKS`
adds them, so that a new task is one new file."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable
from importlib import import_module
from typing import Protocol, TypeVar


class Named(Protocol):
    @property
    def name(self) -> str: ...


AnyTask = TypeVar("AnyTask", bound=Named)


def collect(package: str, path: Iterable[str], kind: type[AnyTask]) -> dict[str, AnyTask]:
    """Return the tasks of all modules of a package (its `__name__` and `__path__`) by name.

    Raises ValueError naming the second of two modules that define the same task name, and
    TypeError naming a module whose TASKS holds something that is no `kind`.
    """
    found: dict[str, AnyTask] = {}
    for module in pkgutil.iter_modules(path, f"{package}."):
        for task in getattr(import_module(module.name), "TASKS", ()):
            if not isinstance(task, kind):
                raise TypeError(f"{module.name}.TASKS holds {task!r}, which is no {kind.__name__}")
            if task.name in found:
                raise ValueError(f"task {task.name} is defined twice, again in {module.name}")
            found[task.name] = task
    return found
