"""CALVIN's tasks: a task is a name, a sentence and a test of two moments.

Every module of this package that has a tuple `TASKS` adds its tasks, so a new task is one new
file here (and a skill in `expert/`, if the expert is to solve it). `env.chain=[...]` evaluates it.
"""

from __future__ import annotations

from collections.abc import Iterable

from longhaul.envs.calvin.state import SceneState
from longhaul.envs.calvin.tasks.task import Task
from longhaul.envs.tasks import collect

TASKS = collect(__name__, __path__, Task)


def detect(start: SceneState, end: SceneState, names: Iterable[str] | None = None) -> set[str]:
    """Return those of the named tasks (all if None) that lead from `start` to `end`."""
    return {name for name in (TASKS if names is None else names) if TASKS[name].test(start, end)}
